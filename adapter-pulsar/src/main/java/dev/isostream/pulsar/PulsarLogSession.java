package dev.isostream.pulsar;

import dev.isostream.spi.DriverException;
import dev.isostream.spi.log.LogState;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
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

  private static final long SNAPSHOT_AFTER_BYTES = 2L << 20;
  private static final byte VERSION = 1;
  private static final byte OPERATION = 1;
  private static final byte SNAPSHOT = 2;
  private static final int HEAD_BYTES = 18;
  private static final int SNAPSHOT_HEAD_BYTES = 20;
  private static final int PART_BYTES = 256 << 10;
  private static final SecureRandom RANDOM = new SecureRandom();

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
    final UUID id;
    final byte[] record;
    final CompletableFuture<@Nullable Object> outcome = new CompletableFuture<>();
    boolean written;

    Pending(UUID id, byte[] record) {
      this.id = id;
      this.record = record;
    }

    ByteBuffer operation() {
      return ByteBuffer.wrap(record).position(HEAD_BYTES).slice();
    }
  }

  /** The parts of a state that was written. */
  private static final class Parts {
    final byte[] @Nullable [] parts;
    int missing;

    Parts(int count) {
      this.parts = new byte[count][];
      this.missing = count;
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
  private long bytes;
  private boolean writing;
  private final Map<UUID, Parts> snapshots = new HashMap<>();
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
    bytes += body == null ? 0 : body.length;
    boolean applied = spot.compareTo(last) <= 0;
    if (!applied) {
      last = spot;
      ahead.headMap(spot, true).clear();
    }
    ByteBuffer in = ByteBuffer.wrap(body == null ? new byte[0] : body);
    if (body != null && in.remaining() >= HEAD_BYTES && in.get() == VERSION) {
      byte kind = in.get();
      UUID id = new UUID(in.getLong(), in.getLong());
      if (kind == OPERATION && applied) {
        state.timed(in.slice(), timestamp);
      } else if (kind == OPERATION) {
        operation(id, new Stored(spot, timestamp, body), done);
      } else if (kind == SNAPSHOT && !applied) {
        snapshot(id, in, done);
      }
    }
    advance(done);
  }

  private void operation(UUID id, Stored stored, List<Runnable> done) {
    if (known) {
      apply(id, stored, done);
      return;
    }
    unapplied.add(stored);
    Pending own = pending.get(id);
    if (own != null && own.written && snapshots.isEmpty()) {
      pending.remove(id);
      done.add(() -> own.outcome.completeExceptionally(forgotten.get()));
    }
  }

  private void apply(UUID id, Stored stored, List<Runnable> done) {
    ByteBuffer operation = ByteBuffer.wrap(stored.body).position(HEAD_BYTES).slice();
    Object outcome = state.apply(operation, stored.timestamp);
    Pending own = pending.remove(id);
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

  private void snapshot(UUID id, ByteBuffer in, List<Runnable> done) {
    if (in.remaining() < SNAPSHOT_HEAD_BYTES) {
      return;
    }
    Spot asOf = new Spot(in.getLong(), in.getLong());
    int part = in.getShort();
    int count = in.getShort();
    if (part < 0 || part >= count) {
      return;
    }
    Parts parts = snapshots.computeIfAbsent(id, key -> new Parts(count));
    if (parts.parts.length != count || parts.parts[part] != null) {
      return;
    }
    byte[] body = new byte[known ? 0 : in.remaining()];
    in.get(body);
    parts.parts[part] = body;
    if (--parts.missing > 0) {
      return;
    }
    snapshots.remove(id);
    Spot before = since;
    since = asOf;
    bytes = 0;
    writing = false;
    if (mine.remove(id) && before != null) {
      // what lies before; it goes when its ledger does
      done.add(
          () -> {
            var unused = keeper.acknowledgeCumulativeAsync(before.id());
          });
    }
    if (!known && (before == null || asOf.compareTo(before) >= 0)) {
      state.read(join(parts));
      known = true;
      for (Stored each : unapplied) {
        if (each.spot.compareTo(asOf) > 0) {
          ByteBuffer again = ByteBuffer.wrap(each.body).position(2);
          apply(new UUID(again.getLong(), again.getLong()), each, done);
        }
      }
      unapplied.clear();
    }
  }

  private byte[] join(Parts parts) {
    int size = 0;
    for (byte[] part : parts.parts) {
      size += part.length;
    }
    ByteBuffer all = ByteBuffer.allocate(size);
    for (byte[] part : parts.parts) {
      all.put(part);
    }
    return all.array();
  }

  /** The state as records, where it is time to write it. */
  List<byte[]> stateToWrite() {
    if (!known || writing || bytes < SNAPSHOT_AFTER_BYTES) {
      return List.of();
    }
    byte[] all = state.write();
    if (bytes < 4L * all.length) {
      return List.of();
    }
    writing = true;
    UUID id = newId();
    mine.add(id);
    int count = Math.max(1, (all.length + PART_BYTES - 1) / PART_BYTES);
    List<byte[]> records = new ArrayList<>(count);
    for (int part = 0; part < count; part++) {
      int from = part * PART_BYTES;
      int length = Math.min(PART_BYTES, all.length - from);
      records.add(
          head(SNAPSHOT, id, SNAPSHOT_HEAD_BYTES + length)
              .putLong(last.ledger)
              .putLong(last.entry)
              .putShort((short) part)
              .putShort((short) count)
              .put(all, from, length)
              .array());
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

  private static UUID newId() {
    return new UUID(RANDOM.nextLong(), RANDOM.nextLong());
  }

  /** An operation to be written. Needs no lock. */
  static Pending pending(byte[] operation) {
    UUID id = newId();
    return new Pending(id, head(OPERATION, id, operation.length).put(operation).array());
  }

  private static ByteBuffer head(byte kind, UUID id, int bytes) {
    return ByteBuffer.allocate(HEAD_BYTES + bytes)
        .put(VERSION)
        .put(kind)
        .putLong(id.getMostSignificantBits())
        .putLong(id.getLeastSignificantBits());
  }
}
