package dev.isostream.core;

import dev.isostream.MemberListener;
import dev.isostream.Position;
import dev.isostream.Reader;
import dev.isostream.ReaderBuilder;
import dev.isostream.StartAt;
import dev.isostream.Topic;
import dev.isostream.core.config.Positions;
import dev.isostream.core.config.Problems;
import dev.isostream.engine.ReaderSettings;
import dev.isostream.engine.read.Readers;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Collects a reader's settings. One thread only. */
final class DefaultReaderBuilder<T extends @Nullable Object> implements ReaderBuilder<T> {

  private final DefaultMessaging messaging;
  private final Topic<T> topic;
  private final List<MemberListener> listeners = new ArrayList<>();
  private StartAt start = StartAt.earliest();
  private @Nullable Position only;
  private @Nullable Set<String> partitions;
  private boolean untilEnd;
  private Removed whenRemoved = Removed.FAIL;
  private Undecodable whenUndecodable = Undecodable.FAIL;

  DefaultReaderBuilder(DefaultMessaging messaging, Topic<T> topic) {
    this.messaging = messaging;
    this.topic = topic;
  }

  @Override
  public ReaderBuilder<T> from(StartAt value) {
    this.start = Objects.requireNonNull(value, "start");
    this.only = null;
    return this;
  }

  @Override
  public ReaderBuilder<T> from(Position position) {
    this.start = StartAt.at(Objects.requireNonNull(position, "position"));
    this.only = position;
    return this;
  }

  @Override
  public ReaderBuilder<T> after(Position position) {
    this.start = StartAt.after(Objects.requireNonNull(position, "position"));
    this.only = position;
    return this;
  }

  @Override
  public ReaderBuilder<T> partitions(Collection<String> values) {
    this.partitions = Set.copyOf(values);
    return this;
  }

  @Override
  public ReaderBuilder<T> untilEnd() {
    this.untilEnd = true;
    return this;
  }

  @Override
  public ReaderBuilder<T> whenRemoved(Removed action) {
    this.whenRemoved = Objects.requireNonNull(action, "action");
    return this;
  }

  @Override
  public ReaderBuilder<T> whenUndecodable(Undecodable action) {
    this.whenUndecodable = Objects.requireNonNull(action, "action");
    return this;
  }

  @Override
  public ReaderBuilder<T> listener(MemberListener listener) {
    listeners.add(Objects.requireNonNull(listener, "listener"));
    return this;
  }

  @Override
  public Reader<T> open() {
    check();
    ReaderSettings<T> settings =
        new ReaderSettings<>(
            topic, start, chosen(), untilEnd, whenRemoved, whenUndecodable, List.copyOf(listeners));
    return messaging.openReader(() -> Readers.open(messaging.context(), settings));
  }

  private void check() {
    Problems problems = new Problems("The reader of topic \"" + topic.name() + "\"");
    Set<String> given = partitions;
    if (given != null && given.isEmpty()) {
      problems.add("partitions: give at least one, or leave them out to read all.");
    } else if (given != null && start instanceof StartAt.At at) {
      for (Position position : at.positions()) {
        if (!given.contains(position.partition())) {
          problems.add(
              "partitions = "
                  + given
                  + ": the position \""
                  + position
                  + "\" to start at is in none of them.");
        }
      }
    }
    problems.throwIfAny();
    Positions.check(start, topic.name(), messaging.configuration().provider().scheme());
  }

  /** One position alone stands for its partition alone (contract R1). */
  private @Nullable Set<String> chosen() {
    return only == null ? partitions : Set.of(only.partition());
  }
}
