package dev.isostream.core;

import dev.isostream.Exhausted;
import dev.isostream.MemberBuilder;
import dev.isostream.MemberListener;
import dev.isostream.MessageInfo;
import dev.isostream.Ordering;
import dev.isostream.Retry;
import dev.isostream.StartAt;
import dev.isostream.Topic;
import dev.isostream.core.config.ConsumerDefaults;
import dev.isostream.core.config.Names;
import dev.isostream.core.config.Positions;
import dev.isostream.core.config.Problems;
import dev.isostream.engine.MemberSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Collects a member's settings over the configured ones. One thread only. */
abstract class AbstractMemberBuilder<T extends @Nullable Object, B extends MemberBuilder<T, B>>
    implements MemberBuilder<T, B> {

  final DefaultMessaging messaging;
  private final Topic<T> topic;
  private final ConsumerDefaults defaults;
  private final List<MemberListener> listeners = new ArrayList<>();
  private @Nullable String group;
  private StartAt start = StartAt.latest();
  private Ordering ordering = Ordering.KEY;
  private Retry retry;
  private @Nullable String deadLetterTopic;
  private @Nullable Exhausted exhausted;
  private @Nullable Predicate<? super MessageInfo> filter;
  private int maxInFlightMessages;
  private long maxInFlightBytes;
  private Duration drainLimit;
  private Duration stuckAfter;

  AbstractMemberBuilder(DefaultMessaging messaging, Topic<T> topic) {
    this.messaging = messaging;
    this.topic = topic;
    this.defaults = messaging.configuration().consumer();
    this.retry = defaults.retry().policy();
    this.maxInFlightMessages = defaults.maxInFlightMessages();
    this.maxInFlightBytes = defaults.maxInFlightBytes();
    this.drainLimit = defaults.drainLimit();
    this.stuckAfter = defaults.stuckAfter();
  }

  abstract B self();

  @Override
  public B group(String value) {
    this.group = Objects.requireNonNull(value, "group");
    return self();
  }

  @Override
  public B startAt(StartAt value) {
    this.start = Objects.requireNonNull(value, "start");
    return self();
  }

  @Override
  public B orderBy(Ordering value) {
    this.ordering = Objects.requireNonNull(value, "ordering");
    return self();
  }

  @Override
  public B retry(Retry value) {
    this.retry = Objects.requireNonNull(value, "retry");
    return self();
  }

  @Override
  public B deadLetterTo(String value) {
    this.deadLetterTopic = Objects.requireNonNull(value, "topic");
    return self();
  }

  @Override
  public B whenExhausted(Exhausted action) {
    this.exhausted = Objects.requireNonNull(action, "action");
    return self();
  }

  @Override
  public B filter(Predicate<? super MessageInfo> value) {
    this.filter = Objects.requireNonNull(value, "filter");
    return self();
  }

  @Override
  public B maxInFlightMessages(int messages) {
    this.maxInFlightMessages = messages;
    return self();
  }

  @Override
  public B maxInFlightBytes(long bytes) {
    this.maxInFlightBytes = bytes;
    return self();
  }

  @Override
  public B drainLimit(Duration limit) {
    this.drainLimit = Objects.requireNonNull(limit, "limit");
    return self();
  }

  @Override
  public B stuckAfter(Duration age) {
    this.stuckAfter = Objects.requireNonNull(age, "age");
    return self();
  }

  @Override
  public B listener(MemberListener listener) {
    listeners.add(Objects.requireNonNull(listener, "listener"));
    return self();
  }

  /**
   * Checks everything together.
   *
   * @param concurrency empty where all that is fetched may be handled at once
   */
  MemberSettings<T> check(OptionalInt concurrency) {
    String named = group == null ? "" : " of group \"" + Names.shown(group) + "\"";
    Problems problems = new Problems("The member" + named + " on topic \"" + topic.name() + "\"");
    if (group == null) {
      problems.add("group: missing; allowed: " + Names.allowed(Names.MAX_GROUP) + ".");
    } else if (!Names.isLegal(group, Names.MAX_GROUP)) {
      problems.add(
          "group = \""
              + Names.shown(group)
              + "\": allowed: "
              + Names.allowed(Names.MAX_GROUP)
              + ".");
    }
    checkExhaustion(problems);
    problems.check(
        new ConsumerDefaults(
            concurrency.orElse(defaults.concurrency()),
            maxInFlightMessages,
            maxInFlightBytes,
            drainLimit,
            stuckAfter,
            defaults.retry()));
    problems.throwIfAny();
    Positions.check(start, topic.name(), messaging.configuration().provider().scheme());
    return new MemberSettings<>(
        topic,
        Objects.requireNonNull(group),
        start,
        ordering,
        retry,
        deadLetterTopic,
        exhausted,
        filter,
        concurrency.orElse(maxInFlightMessages),
        maxInFlightMessages,
        maxInFlightBytes,
        drainLimit,
        stuckAfter,
        List.copyOf(listeners));
  }

  /** What happens in the end is said by name, and only once (contract D6). */
  private void checkExhaustion(Problems problems) {
    if (deadLetterTopic != null && exhausted != null) {
      problems.add(
          "deadLetterTo(\""
              + Names.shown(deadLetterTopic)
              + "\") and whenExhausted("
              + exhausted
              + ") exclude each other; keep one.");
    }
    if (retry.maxAttempts().isPresent() && deadLetterTopic == null && exhausted == null) {
      problems.add(
          "retry: nothing says what happens to a message after "
              + retry.maxAttempts().getAsInt()
              + " attempts. Choose one of deadLetterTo(topic), whenExhausted(Exhausted.DISCARD) and"
              + " whenExhausted(Exhausted.STOP), or retry without a bound:"
              + " Retry.exponential(firstDelay, maxDelay).forever().");
    }
    if (deadLetterTopic == null) {
      return;
    }
    if (!Names.isLegal(deadLetterTopic, Topic.MAX_NAME_LENGTH)) {
      problems.add(
          "deadLetterTo = \""
              + Names.shown(deadLetterTopic)
              + "\": allowed: "
              + Names.allowed(Topic.MAX_NAME_LENGTH)
              + ".");
    } else if (deadLetterTopic.equals(topic.name())) {
      problems.add(
          "deadLetterTo = \""
              + deadLetterTopic
              + "\": must be another topic than the one it is for, or dead letters come round and"
              + " round.");
    }
  }
}
