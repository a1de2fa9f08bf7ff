package dev.isostream.pulsar;

import dev.isostream.spi.DriverException;
import dev.isostream.spi.log.LogRecord;
import dev.isostream.spi.log.LogSnapshots;
import dev.isostream.spi.log.LogState;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.pulsar.client.api.Consumer;
import org.apache.pulsar.client.api.MessageId;
import org.apache.pulsar.client.api.MessageIdAdv;
import org.apache.pulsar.client.api.Producer;
import org.apache.pulsar.client.api.Reader;
import org.apache.pulsar.client.impl.MessageIdImpl;
import org.jspecify.annotations.Nullable;

/**
 * A connection of a {@link PulsarLog}: a producer and a reader, and what was read by it. Guarded by
 * the log's lock, but for what is said to be otherwise.
 */
final class PulsarLogSession {

  /** Where a message is stored. */
  record Spot(long ledger, long entry) implements Comparable<Spot> {
    static final Spot NONE = new Spot(-1, -1);

    static Spot of(MessageId id) {
      MessageIdAdv known = (MessageIdAdv) id;
      return new Spot(known.getLedgerId(), known.getEntryId());
    }

    Spot next() {
      return new Spot(ledger, entry + 1);
    }

    MessageId id() {
      return new MessageIdImpl(ledger, entry, -1);
    }

    @Override
    public int compareTo(Spot that) {
      int order = Long.compare(ledger, that.ledger);
      return order != 0 ? order : Long.compare(entry, that.entry);
    }
  }

  /** An operation on its way. */
  static final class Pending {
    final UUID id = UUID.randomUUID();
    final byte[] record;
    private final byte[] operation;
    final CompletableFuture<@Nullable Object> outcome = new CompletableFuture<>();
    boolean written;

    Pending(byte[] operation) {
      this.operation = operation;
      this.record = LogRecord.operation(id, operation);
    }

    ByteBuffer operation() {
      return ByteBuffer.wrap(operation);
    }
  }

  private record Stored(Spot spot, long timestamp, byte[] body) {}

  private final LogState state;
  private final Map<UUID, Pending> pending;
  private final Supplier<DriverException> forgotten;

  final Producer<byte[]> producer;

  /** Keeps what is not written anew yet; receives nothing. */
  final Consumer<byte[]> keeper;

  @Nullable Reader<byte[]> reader;
  boolean over;

  /** Everything up to here was applied. */
  private Spot last;

  private long lastTimestamp;

  /** Own operations that are stored behind others which were not read yet. */
  private final TreeMap<Spot, Pending> ahead = new TreeMap<>();

  /** From where on a state can be found; null for the topic's beginning. */
  @Nullable Spot since;

  private boolean known;
  private final LogSnapshots snapshots = new LogSnapshots(2);
  private final Set<UUID> mine = new HashSet<>();
  private final List<Stored> unapplied = new ArrayList<>();

  /**
   * One that has read nothing.
   *
   * @param state as it is at the beginning, or where {@code since} is, is read
   * @param pending own operations, by id; the log's
   * @param forgotten what is told where no beginning is found
   */
  PulsarLogSession(
      LogState state,
      Map<UUID, Pending> pending,
      Supplier<DriverException> forgotten,
      Producer<byte[]> producer,
      Consumer<byte[]> keeper,
      @Nullable Spot since) {
    this.state = state;
    this.pending = pending;
    this.forgotten = forgotten;
    this.producer = producer;
    this.keeper = keeper;
    this.since = since;
    this.last = since == null ? Spot.NONE : since;
    this.known = since == null;
  }

  /** Read back. */
  void received(Spot spot, long timestamp, byte @Nullable [] body, List<Runnable> done) {
    lastTimestamp = Math.max(lastTimestamp, timestamp);
    byte[] stored = body == null ? new byte[0] : body;
    snapshots.count(stored.length);
    boolean applied = spot.compareTo(last) <= 0;
    if (!applied) {
      last = spot;
      ahead.headMap(spot, true).clear();
    }
    LogRecord record = LogRecord.of(stored);
    if (record != null && record.kind() == LogRecord.Kind.SNAPSHOT && !applied) {
      snapshot(record, done);
    } else if (record != null && record.kind() == LogRecord.Kind.OPERATION && applied) {
      state.timed(record.body(), timestamp);
    } else if (record != null && record.kind() == LogRecord.Kind.OPERATION) {
      operation(record, new Stored(spot, timestamp, stored), done);
    }
    advance(done);
  }

  private void operation(LogRecord record, Stored stored, List<Runnable> done) {
    if (known) {
      apply(record, stored.timestamp, done);
      return;
    }
    unapplied.add(stored);
    Pending own = pending.get(record.id());
    if (own != null && own.written && !snapshots.areArriving()) {
      pending.remove(record.id());
      done.add(() -> own.outcome.completeExceptionally(forgotten.get()));
    }
  }

  private void apply(LogRecord record, long timestamp, List<Runnable> done) {
    Object outcome = state.apply(record.body(), timestamp);
    Pending own = pending.remove(record.id());
    if (own != null) {
      done.add(() -> own.outcome.complete(outcome));
    }
  }

  /** Confirmed. */
  void stored(Pending own, Spot spot, List<Runnable> done) {
    if (spot.compareTo(last) > 0) {
      ahead.put(spot, own);
      advance(done);
    }
  }

  /** Applies own operations that lie next to what was applied. */
  private void advance(List<Runnable> done) {
    for (Pending own = ahead.get(last.next());
        own != null && known && !state.dependsOnTime(own.operation());
        own = ahead.get(last.next())) {
      last = last.next();
      ahead.remove(last);
      Object outcome = state.apply(own.operation(), lastTimestamp);
      if (pending.remove(own.id) != null) {
        CompletableFuture<@Nullable Object> waiting = own.outcome;
        done.add(() -> waiting.complete(outcome));
      }
    }
  }

  private void snapshot(LogRecord part, List<Runnable> done) {
    LogSnapshots.Snapshot arrived = snapshots.arrived(part, !known);
    if (arrived == null) {
      return;
    }
    Spot asOf = new Spot(arrived.asOf()[0], arrived.asOf()[1]);
    Spot before = since;
    since = asOf;
    if (mine.remove(arrived.id()) && before != null) {
      // what lies before; it goes when its ledger does
      done.add(
          () -> {
            var unused = keeper.acknowledgeCumulativeAsync(before.id());
          });
    }
    if (!known && (before == null || asOf.compareTo(before) >= 0)) {
      state.read(arrived.state());
      known = true;
      for (Stored each : unapplied) {
        LogRecord record = LogRecord.of(each.body);
        if (record != null && each.spot.compareTo(asOf) > 0) {
          apply(record, each.timestamp, done);
        }
      }
      unapplied.clear();
    }
  }

  /** The state as records, where it is time to write it. */
  List<byte[]> stateToWrite() {
    if (!known) {
      return List.of();
    }
    UUID id = UUID.randomUUID();
    List<byte[]> records = snapshots.due(state, id, last.ledger, last.entry);
    if (!records.isEmpty()) {
      mine.add(id);
    }
    return records;
  }

  void close() {
    var unusedProducer = producer.closeAsync();
    var unusedKeeper = keeper.closeAsync();
    Reader<byte[]> last = reader;
    if (last != null) {
      var unusedReader = last.closeAsync();
    }
  }
}
