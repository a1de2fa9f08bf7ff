package dev.isostream.pulsar;

import dev.isostream.Position;
import dev.isostream.spi.Lane;
import dev.isostream.spi.LaneCommit;
import dev.isostream.spi.Place;
import dev.isostream.spi.SourceRecord;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.pulsar.client.api.Consumer;
import org.apache.pulsar.client.api.MessageId;
import org.apache.pulsar.client.api.MessageIdAdv;
import org.apache.pulsar.client.api.SubscriptionInitialPosition;
import org.apache.pulsar.client.api.SubscriptionType;
import org.apache.pulsar.client.impl.BatchMessageIdImpl;
import org.apache.pulsar.client.impl.MessageIdImpl;
import org.jspecify.annotations.Nullable;

/**
 * Shows in the native subscription of the group's name what is settled, so that Pulsar keeps what
 * is not and its tools tell the truth: everything before the cursor's place by one cumulative ack,
 * what is settled behind it one by one, also within batches. It follows what was stored; nothing
 * that the group does depends on it.
 *
 * <p>The consumers that ack are paused for ever, so the broker sends them nothing.
 *
 * <p>Thread-safe. Blocks: never.
 */
final class PulsarTrail implements AutoCloseable {

  private final PulsarClients clients;
  private final String group;
  private final Map<Lane, Lines> lanes = new HashMap<>();
  private boolean closed;

  /** An entry with several messages. */
  private static final class Batch {
    final int size;
    final BitSet open;

    Batch(int size) {
      this.size = size;
      this.open = new BitSet(size);
      open.set(0, size);
    }
  }

  /** One lane. Guarded by the trail. */
  private static final class Lines {
    final CompletableFuture<Consumer<byte[]>> consumer;

    /** By ledger and entry; those that were told and not wholly settled. */
    final TreeMap<Long, TreeMap<Long, Batch>> batches = new TreeMap<>();

    @Nullable Position acked;

    Lines(CompletableFuture<Consumer<byte[]>> consumer) {
      this.consumer = consumer;
    }

    @Nullable Batch batch(long ledger, long entry) {
      TreeMap<Long, Batch> entries = batches.get(ledger);
      return entries == null ? null : entries.get(entry);
    }

    void forgetBefore(long ledger, long entry) {
      batches.headMap(ledger).clear();
      TreeMap<Long, Batch> entries = batches.get(ledger);
      if (entries != null) {
        entries.headMap(entry).clear();
      }
    }
  }

  PulsarTrail(PulsarClients clients, String group) {
    this.clients = clients;
    this.group = group;
  }

  /** Makes the subscription where there is none yet. */
  synchronized void begin(Lane lane, PulsarTopic.Partition partition) {
    if (closed || lanes.containsKey(lane)) {
      return;
    }
    String doing = "Subscribing to " + partition.nativeName();
    lanes.put(
        lane,
        new Lines(
            clients.start(
                doing,
                () ->
                    clients
                        .client()
                        .newConsumer()
                        .topic(partition.nativeName())
                        .subscriptionName(group)
                        .subscriptionType(SubscriptionType.Failover)
                        .subscriptionInitialPosition(SubscriptionInitialPosition.Earliest)
                        .enableBatchIndexAcknowledgment(true)
                        .startPaused(true)
                        .receiverQueueSize(1)
                        .subscribeAsync())));
  }

  synchronized void end(Lane lane) {
    Lines ended = lanes.remove(lane);
    if (ended != null) {
      close(ended);
    }
  }

  private static void close(Lines lines) {
    var unused = lines.consumer.thenCompose(Consumer::closeAsync);
  }

  /** Remembers which messages share an entry. */
  synchronized void told(Lane lane, List<SourceRecord> records) {
    Lines lines = lanes.get(lane);
    if (lines == null) {
      return;
    }
    for (SourceRecord record : records) {
      MessageIdAdv id = (MessageIdAdv) ((PulsarRecords.Stored) record).message().getMessageId();
      if (id.getBatchSize() > 1) {
        lines
            .batches
            .computeIfAbsent(id.getLedgerId(), ledger -> new TreeMap<>())
            .computeIfAbsent(id.getEntryId(), entry -> new Batch(id.getBatchSize()));
      }
    }
  }

  /** A commit was stored. */
  synchronized void stored(LaneCommit commit) {
    Lines lines = lanes.get(commit.lane());
    if (lines == null || !lines.consumer.isDone() || lines.consumer.isCompletedExceptionally()) {
      return;
    }
    Consumer<byte[]> consumer = lines.consumer.join();
    Position before =
        commit.cursor().place() instanceof Place.After after ? after.position() : null;
    if (before != null && !before.equals(lines.acked)) {
      lines.acked = before;
      cumulative(lines, consumer, before);
    }
    for (Position each : commit.settled()) {
      if (before == null || each.compareTo(before) > 0) {
        single(lines, consumer, each);
      }
    }
  }

  private static void cumulative(Lines lines, Consumer<byte[]> consumer, Position position) {
    long ledger = position.word(0);
    long entry = position.word(1);
    int index = (int) position.word(2);
    Batch batch = lines.batch(ledger, entry);
    MessageId id;
    if (batch == null || index >= batch.size - 1) {
      id = new MessageIdImpl(ledger, entry, -1);
      lines.forgetBefore(ledger, entry + 1);
    } else {
      batch.open.clear(0, index + 1);
      lines.forgetBefore(ledger, entry);
      BitSet whole = new BitSet(batch.size);
      whole.set(0, batch.size);
      id = new BatchMessageIdImpl(ledger, entry, -1, index, batch.size, whole);
    }
    var unused = consumer.acknowledgeCumulativeAsync(id);
  }

  private static void single(Lines lines, Consumer<byte[]> consumer, Position position) {
    long ledger = position.word(0);
    long entry = position.word(1);
    int index = (int) position.word(2);
    Batch batch = lines.batch(ledger, entry);
    MessageId id = new MessageIdImpl(ledger, entry, -1);
    if (batch != null && index < batch.size) {
      batch.open.clear(index);
      if (!batch.open.isEmpty()) {
        BitSet whole = new BitSet(batch.size);
        whole.set(0, batch.size);
        id = new BatchMessageIdImpl(ledger, entry, -1, index, batch.size, whole);
      }
    }
    var unused = consumer.acknowledgeAsync(id);
  }

  @Override
  public synchronized void close() {
    closed = true;
    lanes.values().forEach(PulsarTrail::close);
    lanes.clear();
  }
}
