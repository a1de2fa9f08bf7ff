package dev.isostream.rabbitmq;

import com.rabbitmq.stream.Message;
import com.rabbitmq.stream.OffsetSpecification;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.log.LogState;
import dev.isostream.spi.log.OperationLog;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A stream whose order decides: whatever is to change is appended as an operation, everybody
 * applies all operations in stored order to a state, and what an operation came to is known once it
 * was read back. The same operations give the same state everywhere, so nobody has to be asked, and
 * one that comes too late comes to nothing, whoever sent it.
 *
 * <p>Retention removes old operations. So from time to time a writer appends the whole state, as it
 * was behind a given operation; whoever does not find the beginning waits for one and goes on from
 * there.
 *
 * <p>An operation is written once. If the connection breaks, its fate is unknown; it fails as
 * unavailable, and the next one opens another connection and reads from the beginning.
 *
 * <p>Thread-safe. Blocks: never.
 */
final class RabbitLog implements OperationLog {

  /** After so much a state is written anew; the least and most that a stream keeps is more. */
  static final long SNAPSHOT_AFTER_BYTES = 2L << 20;

  static final long SEGMENT_BYTES = 2L << 20;
  static final long KEPT_BYTES = 24L << 20;

  private static final byte VERSION = 1;
  private static final byte OPERATION = 1;
  private static final byte SNAPSHOT = 2;
  private static final int HEAD_BYTES = 18;
  private static final int PART_BYTES = 256 << 10;
  private static final int CREDITS = 10;

  private final RabbitCluster cluster;
  private final String stream;
  private final String doing;
  private final LogState state;
  private final byte[] blank;
  private final RabbitSerial serial;
  private final SecureRandom random = new SecureRandom();

  // Guarded by this.
  private final Map<UUID, Pending> pending = new LinkedHashMap<>();
  private @Nullable Session session;
  private boolean connecting;
  private boolean closed;

  /** An operation on its way. */
  private static final class Pending {
    final byte[] record;
    final CompletableFuture<@Nullable Object> outcome = new CompletableFuture<>();
    boolean written;

    Pending(byte[] record) {
      this.record = record;
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

  private record Stored(long offset, long timestamp, byte[] body) {}

  /** What one connection reads, from the beginning on. */
  private final class Session implements RabbitLink.Listener {
    @Nullable RabbitLink link;
    private boolean over;
    private long first = -1;
    private long next;
    private boolean known;
    private long bytes;
    private boolean writing;
    private final Map<UUID, Parts> snapshots = new HashMap<>();
    private final List<Stored> unapplied = new ArrayList<>();

    @Override
    public void chunk(RabbitLink from, int subscription, long at, long messages, long size) {
      if (from != null) {
        from.credit(subscription, 1);
      }
    }

    @Override
    public void message(int subscription, long offset, long timestamp, Message message) {
      byte[] body = RabbitRecords.body(message);
      List<Runnable> done = new ArrayList<>();
      synchronized (RabbitLog.this) {
        if (!over && body != null) {
          take(new Stored(offset, timestamp, body), done);
        }
      }
      done.forEach(Runnable::run);
    }

    private void take(Stored stored, List<Runnable> done) {
      if (first < 0) {
        first = stored.offset;
        known = first == 0;
        state.read(blank);
      } else if (stored.offset != next) {
        // retention was faster than this reader
        first = stored.offset;
        known = false;
        unapplied.clear();
        snapshots.clear();
      }
      next = stored.offset + 1;
      bytes += stored.body.length;
      ByteBuffer in = ByteBuffer.wrap(stored.body);
      if (in.remaining() < HEAD_BYTES || in.get() != VERSION) {
        return; // not ours, or of a later version that this one can't judge
      }
      byte kind = in.get();
      UUID id = new UUID(in.getLong(), in.getLong());
      if (kind == SNAPSHOT) {
        snapshot(id, in, done);
      } else if (kind == OPERATION && known) {
        apply(id, in, stored.timestamp, done);
      } else if (kind == OPERATION) {
        unapplied.add(stored);
        Pending mine = pending.get(id);
        if (mine != null && mine.written && snapshots.isEmpty()) {
          pending.remove(id);
          done.add(() -> mine.outcome.completeExceptionally(forgotten()));
        }
      }
    }

    private void apply(UUID id, ByteBuffer in, long timestamp, List<Runnable> done) {
      Object outcome = state.apply(in, timestamp);
      Pending mine = pending.remove(id);
      if (mine != null) {
        done.add(() -> mine.outcome.complete(outcome));
      }
    }

    private void snapshot(UUID id, ByteBuffer in, List<Runnable> done) {
      if (in.remaining() < 12) {
        return;
      }
      long asOf = in.getLong();
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
      bytes = 0;
      writing = false;
      if (!known && asOf >= first - 1) {
        state.read(join(parts));
        known = true;
        for (Stored each : unapplied) {
          if (each.offset > asOf) {
            ByteBuffer again = ByteBuffer.wrap(each.body);
            again.position(2);
            apply(new UUID(again.getLong(), again.getLong()), again, each.timestamp, done);
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

    /** Writes the state where it is time to. */
    void writeState(RabbitLink to) {
      if (!known || writing || bytes < SNAPSHOT_AFTER_BYTES) {
        return;
      }
      byte[] all = state.write();
      if (bytes < 4L * all.length) {
        return;
      }
      writing = true;
      UUID id = newId();
      int count = Math.max(1, (all.length + PART_BYTES - 1) / PART_BYTES);
      for (int part = 0; part < count; part++) {
        int from = part * PART_BYTES;
        int length = Math.min(PART_BYTES, all.length - from);
        byte[] record =
            head(SNAPSHOT, id, 12 + length)
                .putLong(next - 1)
                .putShort((short) part)
                .putShort((short) count)
                .put(all, from, length)
                .array();
        write(to, record);
      }
    }

    @Override
    public void refused(int publisher, long id, short code) {
      end(RabbitErrors.refused(doing, code));
    }

    @Override
    public void unavailable(String gone, short code) {
      if (gone.equals(stream)) {
        lost();
      }
    }

    @Override
    public void lost() {
      end(RabbitErrors.of(ErrorKind.UNAVAILABLE, doing, null));
    }

    /** What was written is in doubt. */
    void end(DriverException cause) {
      List<Pending> doubtful = new ArrayList<>();
      synchronized (RabbitLog.this) {
        over = true;
        if (session == this) {
          session = null;
          pending
              .values()
              .removeIf(
                  each -> {
                    if (each.written) {
                      doubtful.add(each);
                    }
                    return each.written;
                  });
        }
      }
      RabbitLink last = link;
      if (last != null) {
        last.close();
      }
      doubtful.forEach(each -> each.outcome.completeExceptionally(cause));
    }
  }

  /**
   * Opens nothing yet.
   *
   * @param doing what is told of failures, the beginning of a sentence
   */
  RabbitLog(RabbitCluster cluster, String stream, String doing, LogState state) {
    this.cluster = cluster;
    this.stream = stream;
    this.doing = doing;
    this.state = state;
    this.blank = state.write();
    this.serial = new RabbitSerial(cluster.blocking());
  }

  private UUID newId() {
    return new UUID(random.nextLong(), random.nextLong());
  }

  private static ByteBuffer head(byte kind, UUID id, int bytes) {
    return ByteBuffer.allocate(HEAD_BYTES + bytes)
        .put(VERSION)
        .put(kind)
        .putLong(id.getMostSignificantBits())
        .putLong(id.getLeastSignificantBits());
  }

  /** The state was neither there from its beginning on nor written anew. */
  private DriverException forgotten() {
    return new DriverException(
        ErrorKind.INVALID,
        doing
            + " failed: the beginning of stream \""
            + stream
            + "\" is gone, and no later state is in it. A policy that limits its age or length must"
            + " not match it. Delete the stream to begin anew.",
        null);
  }

  @Override
  public CompletableFuture<@Nullable Object> submit(byte[] operation) {
    UUID id = newId();
    Pending mine = new Pending(head(OPERATION, id, operation.length).put(operation).array());
    RabbitLink open = null;
    synchronized (this) {
      if (closed) {
        return CompletableFuture.failedFuture(RabbitErrors.of(ErrorKind.CLOSED, doing, null));
      }
      pending.put(id, mine);
      Session current = session;
      if (current != null && current.link != null && current.link.isOpen()) {
        open = current.link;
        mine.written = true;
        write(open, mine.record);
        current.writeState(open);
      }
    }
    if (open == null) {
      connect();
    }
    return mine.outcome;
  }

  /** Netty takes it and returns at once; if it breaks, the connection tells. */
  private void write(RabbitLink to, byte[] record) {
    Message message = RabbitCodec.INSTANCE.messageBuilder().addData(record).build();
    to.publish(0, List.of(message), new long[1]);
  }

  private void connect() {
    synchronized (this) {
      if (connecting || closed) {
        return;
      }
      connecting = true;
    }
    serial.execute(
        () -> {
          Session opened = new Session();
          try {
            endFormer();
            RabbitLink link = cluster.open(cluster.leader(stream), "log", opened);
            opened.link = link;
            link.declarePublisher(0, "", stream);
            link.subscribe(0, stream, OffsetSpecification.first(), CREDITS);
            begin(opened, link);
          } catch (RuntimeException e) {
            opened.end(RabbitErrors.of(ErrorKind.UNAVAILABLE, doing, e));
            failWaiting(RabbitErrors.translate(doing, e));
          }
        });
  }

  /** It must not touch the state any more. */
  private void endFormer() {
    Session former;
    synchronized (this) {
      former = session;
    }
    if (former != null) {
      former.end(RabbitErrors.of(ErrorKind.UNAVAILABLE, doing, null));
    }
  }

  private void begin(Session opened, RabbitLink link) {
    boolean late;
    synchronized (this) {
      connecting = false;
      late = closed || opened.over;
      if (!late) {
        session = opened;
        for (Pending each : pending.values()) {
          if (!each.written) {
            each.written = true;
            write(link, each.record);
          }
        }
      }
    }
    if (late) {
      opened.end(RabbitErrors.of(ErrorKind.UNAVAILABLE, doing, null));
      failWaiting(RabbitErrors.of(ErrorKind.UNAVAILABLE, doing, null));
    }
  }

  private void failWaiting(DriverException cause) {
    List<Pending> waiting;
    synchronized (this) {
      connecting = false;
      waiting = List.copyOf(pending.values());
      pending.clear();
    }
    waiting.forEach(each -> each.outcome.completeExceptionally(cause));
  }

  @Override
  public void close() {
    Session last;
    synchronized (this) {
      closed = true;
      last = session;
    }
    DriverException cause = RabbitErrors.of(ErrorKind.CLOSED, doing, null);
    if (last != null) {
      last.end(cause);
    }
    failWaiting(cause);
  }
}
