package dev.isostream.pulsar;

import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.log.LogState;
import dev.isostream.spi.log.OperationLog;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.pulsar.client.api.Consumer;
import org.apache.pulsar.client.api.Message;
import org.apache.pulsar.client.api.MessageId;
import org.apache.pulsar.client.api.MessageIdAdv;
import org.apache.pulsar.client.api.Producer;
import org.apache.pulsar.client.api.Reader;
import org.apache.pulsar.client.api.Schema;
import org.apache.pulsar.client.api.SubscriptionInitialPosition;
import org.apache.pulsar.client.api.SubscriptionType;
import org.apache.pulsar.client.api.TypedMessageBuilder;
import org.apache.pulsar.client.impl.ConsumerImpl;
import org.apache.pulsar.client.impl.MessageIdImpl;
import org.apache.pulsar.client.impl.ReaderImpl;
import org.jspecify.annotations.Nullable;

/**
 * A topic whose order decides: whatever is to change is appended as an operation, everybody applies
 * all operations in stored order to a state, and what an operation came to is known once all before
 * it were applied. The same operations give the same state everywhere, so nobody has to be asked,
 * and one that comes too late comes to nothing, whoever sent it.
 *
 * <p>A confirmation says where an operation was stored. If everything before it is known already,
 * which is so where nobody else has written meanwhile, it is applied at once; else when it is read
 * back, for which brokers take up to 10 ms more.
 *
 * <p>From time to time a writer appends the whole state, as it was behind a given operation. Each
 * message says from where on the newest such state that its writer knew can be found, so whoever
 * comes reads the last message and then from there. What lies before the one before that is acked
 * on the topic's only subscription, and goes.
 *
 * <p>The client may store an operation twice, where a connection broke; operations are such that
 * the second copy comes to nothing.
 *
 * <p>Thread-safe. Blocks: never.
 */
final class PulsarLog implements OperationLog {

  /** The subscription that keeps what has not been written anew yet. */
  static final String SUBSCRIPTION = "isostream";

  private static final String SINCE = "isostream-since";
  private static final long SNAPSHOT_AFTER_BYTES = 2L << 20;
  private static final byte VERSION = 1;
  private static final byte OPERATION = 1;
  private static final byte SNAPSHOT = 2;
  private static final int HEAD_BYTES = 18;
  private static final int SNAPSHOT_HEAD_BYTES = 20;
  private static final int PART_BYTES = 256 << 10;
  private static final int QUEUE = 1000;

  private final PulsarClients clients;
  private final String topic;
  private final String doing;
  private final LogState state;
  private final byte[] blank;
  private final SecureRandom random = new SecureRandom();

  // Guarded by this.
  private final Map<UUID, Pending> pending = new LinkedHashMap<>();
  private @Nullable Session session;
  private boolean connecting;
  private boolean closed;

  /** Where a message is stored. */
  private record Spot(long ledger, long entry) implements Comparable<Spot> {
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
  private static final class Pending {
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

  /** A producer and a reader, and what was read. Guarded by the log. */
  private final class Session {
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
    private @Nullable Spot since;

    private boolean known;
    private long bytes;
    private boolean writing;
    private final Map<UUID, Parts> snapshots = new HashMap<>();
    private final Set<UUID> mine = new HashSet<>();
    private final List<Stored> unapplied = new ArrayList<>();

    Session(Producer<byte[]> producer, Consumer<byte[]> keeper, @Nullable Spot since) {
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
        done.add(() -> own.outcome.completeExceptionally(forgotten()));
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
  }

  /**
   * Opens nothing yet.
   *
   * @param topic with tenant and namespace
   * @param doing what is told of failures, the beginning of a sentence
   */
  PulsarLog(PulsarClients clients, String topic, String doing, LogState state) {
    this.clients = clients;
    this.topic = topic;
    this.doing = doing;
    this.state = state;
    this.blank = state.write();
  }

  /** Where there is no topic for a group there is no group. */
  private DriverException translate(Throwable problem) {
    DriverException known = PulsarErrors.translate(doing, problem);
    return known.kind() == ErrorKind.TOPIC_NOT_FOUND
        ? PulsarErrors.of(ErrorKind.GROUP_NOT_FOUND, doing, known)
        : known;
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
            + " failed: the beginning of topic \""
            + topic
            + "\" is gone, and no later state is in it. Its subscription \""
            + SUBSCRIPTION
            + "\" must not be moved, nor a time to live be set for it. Delete the topic to begin"
            + " anew.",
        null);
  }

  @Override
  public CompletableFuture<@Nullable Object> submit(byte[] operation) {
    UUID id = newId();
    Pending own = new Pending(id, head(OPERATION, id, operation.length).put(operation).array());
    Session open;
    List<byte[]> snapshot = List.of();
    synchronized (this) {
      if (closed) {
        return CompletableFuture.failedFuture(PulsarErrors.of(ErrorKind.CLOSED, doing, null));
      }
      pending.put(id, own);
      open = session;
      if (open != null) {
        own.written = true;
        snapshot = open.stateToWrite();
      }
    }
    if (open == null) {
      connect();
    } else {
      write(open, own);
      for (byte[] part : snapshot) {
        var unused = message(open, part).sendAsync();
      }
    }
    return own.outcome;
  }

  private TypedMessageBuilder<byte[]> message(Session to, byte[] record) {
    Spot since;
    synchronized (this) {
      since = to.since;
    }
    TypedMessageBuilder<byte[]> message = to.producer.newMessage().value(record);
    return since == null ? message : message.property(SINCE, since.ledger + ":" + since.entry);
  }

  private void write(Session to, Pending own) {
    var unused =
        message(to, own.record)
            .sendAsync()
            .whenComplete(
                (id, problem) -> {
                  if (problem == null) {
                    stored(to, own, Spot.of(id));
                  } else {
                    notStored(to, own, problem);
                  }
                });
  }

  private void stored(Session by, Pending own, Spot spot) {
    List<Runnable> done = new ArrayList<>();
    synchronized (this) {
      if (!by.over) {
        by.stored(own, spot, done);
      }
    }
    done.forEach(Runnable::run);
  }

  private void notStored(Session by, Pending own, Throwable problem) {
    DriverException cause = translate(problem);
    boolean mine;
    synchronized (this) {
      mine = pending.remove(own.id) != null;
    }
    if (cause.kind() != ErrorKind.UNAVAILABLE) {
      end(by, cause); // the producer can't go on
    }
    if (mine) {
      own.outcome.completeExceptionally(cause);
    }
  }

  private void received(Session by, Message<byte[]> message) {
    List<Runnable> done = new ArrayList<>();
    synchronized (this) {
      if (!by.over) {
        by.received(Spot.of(message.getMessageId()), timestamp(message), message.getData(), done);
      }
    }
    done.forEach(Runnable::run);
  }

  /** The broker's, where it is set to tell. */
  private static long timestamp(Message<?> message) {
    return message.getBrokerPublishTime().orElse(message.getPublishTime());
  }

  private void connect() {
    synchronized (this) {
      if (connecting || closed) {
        return;
      }
      connecting = true;
    }
    var unused =
        clients
            .async(
                doing,
                () -> {
                  open();
                  return true;
                })
            .exceptionally(
                problem -> {
                  failWaiting(translate(problem));
                  return false;
                });
  }

  /** Blocks. */
  private void open() throws Exception {
    Producer<byte[]> producer = clients.await(doing, producer());
    Consumer<byte[]> keeper = null;
    try {
      keeper = clients.await(doing, keeper());
      Session opened = new Session(producer, keeper, since());
      synchronized (this) {
        state.read(blank);
      }
      Spot since = opened.since;
      opened.reader =
          clients.await(
              doing,
              clients
                  .client()
                  .newReader()
                  .topic(topic)
                  .receiverQueueSize(QUEUE)
                  .startMessageId(since == null ? MessageId.earliest : since.id())
                  .createAsync());
      begin(opened);
    } catch (Exception e) {
      var unusedProducer = producer.closeAsync();
      if (keeper != null) {
        var unusedKeeper = keeper.closeAsync();
      }
      throw e;
    }
  }

  private CompletableFuture<Producer<byte[]>> producer() {
    return clients
        .client()
        .newProducer(Schema.BYTES)
        .topic(topic)
        .enableBatching(false)
        .maxPendingMessages(0)
        .sendTimeout(PulsarConfig.millis(clients.config().requestTimeout()), TimeUnit.MILLISECONDS)
        .createAsync();
  }

  /** Without a subscription Pulsar would remove everything at once. */
  private CompletableFuture<Consumer<byte[]>> keeper() {
    return clients
        .client()
        .newConsumer()
        .topic(topic)
        .subscriptionName(SUBSCRIPTION)
        .subscriptionType(SubscriptionType.Failover)
        .subscriptionInitialPosition(SubscriptionInitialPosition.Earliest)
        .startPaused(true)
        .receiverQueueSize(1)
        .subscribeAsync();
  }

  /** Takes one after the other, on the client's threads, until the reader is closed. */
  private void readNext(Session by, ConsumerImpl<byte[]> from) {
    var unused =
        from.receiveAsync()
            .whenComplete(
                (message, problem) -> {
                  if (problem == null) {
                    received(by, message);
                    readNext(by, from);
                  } else {
                    end(by, translate(problem));
                  }
                });
  }

  /** What the last message says; null where there is none, or it says nothing. */
  private @Nullable Spot since() throws Exception {
    Spot end;
    try (Reader<byte[]> reader = clients.await(doing, reader(MessageId.latest))) {
      end = Spot.of(clients.await(doing, reader.getLastMessageIdsAsync()).get(0));
    }
    if (end.entry < 0) {
      return null;
    }
    try (Reader<byte[]> reader = clients.await(doing, reader(end.id()))) {
      String said = clients.await(doing, reader.readNextAsync()).getProperty(SINCE);
      String[] numbers = said == null ? new String[0] : said.split(":", -1);
      return numbers.length == 2
          ? new Spot(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]))
          : null;
    } catch (NumberFormatException e) {
      return null; // anybody can write here: from the beginning, then
    }
  }

  private CompletableFuture<Reader<byte[]>> reader(MessageId from) {
    return clients
        .client()
        .newReader()
        .topic(topic)
        .receiverQueueSize(1)
        .startMessageId(from)
        .startMessageIdInclusive()
        .createAsync();
  }

  private void begin(Session opened) {
    boolean late;
    List<Pending> waiting = new ArrayList<>();
    synchronized (this) {
      connecting = false;
      late = closed;
      if (late) {
        opened.over = true;
      } else {
        session = opened;
        for (Pending each : pending.values()) {
          if (!each.written) {
            each.written = true;
            waiting.add(each);
          }
        }
      }
    }
    waiting.forEach(each -> write(opened, each));
    if (!late && opened.reader instanceof ReaderImpl<byte[]> reader) {
      readNext(opened, reader.getConsumer());
    }
    if (late) {
      opened.close();
      failWaiting(PulsarErrors.of(ErrorKind.CLOSED, doing, null));
    }
  }

  /** What was written by it is in doubt. */
  private void end(Session ended, DriverException cause) {
    List<Pending> doubtful = new ArrayList<>();
    synchronized (this) {
      ended.over = true;
      if (session == ended) {
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
    ended.close();
    doubtful.forEach(each -> each.outcome.completeExceptionally(cause));
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
    DriverException cause = PulsarErrors.of(ErrorKind.CLOSED, doing, null);
    if (last != null) {
      end(last, cause);
    }
    failWaiting(cause);
  }
}
