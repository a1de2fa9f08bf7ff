package dev.isostream.engine.read;

import dev.isostream.MemberListener;
import dev.isostream.MessagingException;
import dev.isostream.Position;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.errors.Errors;
import dev.isostream.engine.errors.Outage;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tells log and listeners what a reader meets. Confined to the reader's lock. */
final class ReaderReports {

  private static final Logger LOG = System.getLogger(ReaderReports.class.getName());

  /** A source that is asked while the broker is away fails now and then, not each time. */
  private static final Duration CALM = Duration.ofSeconds(2);

  private final String topic;
  private final Outage outage;
  private final List<MemberListener> listeners;

  ReaderReports(EngineContext context, String topic, List<MemberListener> own) {
    this.topic = topic;
    this.outage = new Outage(context.runtime());
    this.listeners = new ArrayList<>(context.listeners());
    this.listeners.addAll(own);
  }

  void gap(String partition, @Nullable Position expected, @Nullable Position continuedAt) {
    LOG.log(
        Level.WARNING,
        "Messages of topic {0}, partition {1}, were removed before they were read: expected {2},"
            + " going on at {3}.",
        topic,
        partition,
        expected == null ? "its first" : expected,
        continuedAt == null ? "its end" : continuedAt);
    Position from = expected == null ? continuedAt : expected;
    if (from != null) {
      tell(listener -> listener.gap(partition, from, continuedAt));
    }
  }

  void partitionsChanged(Set<String> before, Set<String> after) {
    LOG.log(
        Level.WARNING,
        "Topic {0} has other partitions than before, so keys may have moved: {1}, now {2}.",
        topic,
        before,
        after);
    tell(listener -> listener.partitionsChanged(before, after));
  }

  /** Something failed and is tried again; said now and then only, until it works. */
  void failed(MessagingException failure) {
    int count = outage.failed(failure);
    if (count > 0) {
      LOG.log(
          Level.WARNING,
          "Reading topic {0} fails and is tried again: {1}{2}",
          topic,
          Errors.describe(failure),
          Outage.times(count));
      tell(listener -> listener.failed(failure));
    }
  }

  /** The source answered. */
  void worked() {
    int count = outage.worked(CALM);
    if (count > 0) {
      LOG.log(
          Level.INFO,
          "Reading topic {0} works again, after {1} failures in {2}",
          topic,
          count,
          outage.length());
    }
  }

  private void tell(Consumer<MemberListener> what) {
    for (MemberListener listener : listeners) {
      try {
        what.accept(listener);
      } catch (RuntimeException e) {
        LOG.log(Level.ERROR, "A listener of a reader of topic " + topic + " failed.", e);
      }
    }
  }
}
