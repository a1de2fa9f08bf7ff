package dev.isostream.engine.read;

import dev.isostream.engine.EngineContext;
import dev.isostream.engine.Nanos;
import dev.isostream.spi.Admin;
import dev.isostream.spi.Place;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Looks now and then whether the topic has got more partitions, for readers that read all of them
 * and have no end. Confined to the reader's lock.
 */
final class PartitionWatch {

  private static final long INTERVAL = Nanos.of(Duration.ofSeconds(30));

  private final EngineContext context;
  private final String topic;
  private final boolean enabled;
  private final ReaderReports reports;
  private long nextLook;
  private @Nullable CompletableFuture<Optional<Admin.TopicInfo>> answer;

  PartitionWatch(EngineContext context, String topic, boolean enabled, ReaderReports reports) {
    this.context = context;
    this.topic = topic;
    this.enabled = enabled;
    this.reports = reports;
    this.nextLook = context.runtime().nanoTime() + INTERVAL;
  }

  /** Asks if it is time, and takes in what was answered. Does not wait. */
  void look(ReadSession session) {
    if (!enabled) {
      return;
    }
    CompletableFuture<Optional<Admin.TopicInfo>> asked = answer;
    if (asked != null && asked.isDone()) {
      answer = null;
      if (!asked.isCompletedExceptionally()) {
        asked.join().ifPresent(info -> compare(info, session));
      }
    } else if (asked == null && (session.takeEnded() || isTime())) {
      nextLook = context.runtime().nanoTime() + INTERVAL;
      answer = context.driver().admin().describeTopic(topic).toCompletableFuture();
    }
  }

  private boolean isTime() {
    return nextLook - context.runtime().nanoTime() <= 0;
  }

  private void compare(Admin.TopicInfo info, ReadSession session) {
    Set<String> before = session.partitions();
    Set<String> added = new TreeSet<>(info.partitions());
    added.removeAll(before);
    if (added.isEmpty()) {
      return;
    }
    for (String partition : added) {
      session.add(partition, Place.Origin.INSTANCE, null);
    }
    session.disconnect(); // the next source knows them
    reports.partitionsChanged(before, session.partitions());
  }
}
