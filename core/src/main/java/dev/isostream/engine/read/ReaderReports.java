package dev.isostream.engine.read;

import dev.isostream.MemberListener;
import dev.isostream.MessagingException;
import dev.isostream.Position;
import dev.isostream.engine.errors.Errors;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tells log and listeners what a reader meets. Confined to the reader's lock. */
final class ReaderReports {

  private static final Logger LOG = System.getLogger(ReaderReports.class.getName());

  private final String topic;
  private final List<MemberListener> listeners;

  ReaderReports(String topic, List<MemberListener> general, List<MemberListener> own) {
    this.topic = topic;
    this.listeners = new ArrayList<>(general);
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

  /**
   * Something failed and is tried again.
   *
   * @param inARow how often by now, without a success between
   */
  void failed(MessagingException failure, int inARow) {
    LOG.log(
        inARow == 1 ? Level.WARNING : Level.DEBUG,
        "Reading topic {0} fails and is tried again: {1}",
        topic,
        Errors.describe(failure));
    tell(listener -> listener.failed(failure));
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
