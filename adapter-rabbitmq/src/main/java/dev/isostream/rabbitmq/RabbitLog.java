package dev.isostream.rabbitmq;

import com.rabbitmq.stream.Message;
import com.rabbitmq.stream.OffsetSpecification;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.log.LogRecord;
import dev.isostream.spi.log.LogSnapshots;
import dev.isostream.spi.log.LogState;
import dev.isostream.spi.log.OperationLog;
import java.util.ArrayList;
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

  /** The least and the most that a stream keeps is more than what a state is written after. */
  static final long SEGMENT_BYTES = 2L << 20;

  static final long KEPT_BYTES = 24L << 20;

  private static final int CREDITS = 10;

  private final RabbitCluster cluster;
  private final String stream;
  private final String doing;
  private final LogState state;
  private final byte[] blank;
  private final RabbitSerial serial;

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

  private record Stored(long offset, long timestamp, byte[] body) {}

  /** What one connection reads, from the beginning on. */
  private final class Session implements RabbitLink.Listener {
    @Nullable RabbitLink link;
    private boolean over;
    private long first = -1;
    private long next;
    private boolean known;
    private final LogSnapshots snapshots = new LogSnapshots(1);
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
        snapshots.forget();
      }
      next = stored.offset + 1;
      snapshots.count(stored.body.length);
      LogRecord record = LogRecord.of(stored.body);
      if (record == null) {
        return;
      }
      if (record.kind() == LogRecord.Kind.SNAPSHOT) {
        snapshot(record, done);
      } else if (known) {
        apply(record, stored.timestamp, done);
      } else {
        unapplied.add(stored);
        Pending mine = pending.get(record.id());
        if (mine != null && mine.written && !snapshots.areArriving()) {
          pending.remove(record.id());
          done.add(() -> mine.outcome.completeExceptionally(forgotten()));
        }
      }
    }

    private void apply(LogRecord record, long timestamp, List<Runnable> done) {
      Object outcome = state.apply(record.body(), timestamp);
      Pending mine = pending.remove(record.id());
      if (mine != null) {
        done.add(() -> mine.outcome.complete(outcome));
      }
    }

    private void snapshot(LogRecord part, List<Runnable> done) {
      LogSnapshots.Snapshot arrived = snapshots.arrived(part, !known);
      if (arrived == null || known || arrived.asOf()[0] < first - 1) {
        return;
      }
      state.read(arrived.state());
      known = true;
      for (Stored each : unapplied) {
        LogRecord record = LogRecord.of(each.body);
        if (record != null && each.offset > arrived.asOf()[0]) {
          apply(record, each.timestamp, done);
        }
      }
      unapplied.clear();
    }

    /** Writes the state where it is time to. */
    void writeState(RabbitLink to) {
      if (known) {
        snapshots.due(state, UUID.randomUUID(), next - 1).forEach(record -> write(to, record));
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
    UUID id = UUID.randomUUID();
    Pending mine = new Pending(LogRecord.operation(id, operation));
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
