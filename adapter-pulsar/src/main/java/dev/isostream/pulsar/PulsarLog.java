package dev.isostream.pulsar;

import dev.isostream.pulsar.PulsarLogSession.Pending;
import dev.isostream.pulsar.PulsarLogSession.Spot;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.log.LogState;
import dev.isostream.spi.log.OperationLog;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.pulsar.client.api.Consumer;
import org.apache.pulsar.client.api.Message;
import org.apache.pulsar.client.api.MessageId;
import org.apache.pulsar.client.api.Producer;
import org.apache.pulsar.client.api.Reader;
import org.apache.pulsar.client.api.Schema;
import org.apache.pulsar.client.api.SubscriptionInitialPosition;
import org.apache.pulsar.client.api.SubscriptionType;
import org.apache.pulsar.client.api.TypedMessageBuilder;
import org.apache.pulsar.client.impl.ConsumerImpl;
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
  private static final int QUEUE = 1000;

  private final PulsarClients clients;
  private final String topic;
  private final String doing;
  private final LogState state;
  private final byte[] blank;

  // Guarded by this.
  private final Map<UUID, Pending> pending = new LinkedHashMap<>();
  private @Nullable PulsarLogSession session;
  private boolean connecting;
  private boolean closed;

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
    Pending own = new Pending(operation);
    PulsarLogSession open;
    List<byte[]> snapshot = List.of();
    synchronized (this) {
      if (closed) {
        return CompletableFuture.failedFuture(PulsarErrors.of(ErrorKind.CLOSED, doing, null));
      }
      pending.put(own.id, own);
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

  private TypedMessageBuilder<byte[]> message(PulsarLogSession to, byte[] record) {
    Spot since;
    synchronized (this) {
      since = to.since;
    }
    TypedMessageBuilder<byte[]> message = to.producer.newMessage().value(record);
    return since == null ? message : message.property(SINCE, since.ledger() + ":" + since.entry());
  }

  private void write(PulsarLogSession to, Pending own) {
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

  private void stored(PulsarLogSession by, Pending own, Spot spot) {
    List<Runnable> done = new ArrayList<>();
    synchronized (this) {
      if (!by.over) {
        by.stored(own, spot, done);
      }
    }
    done.forEach(Runnable::run);
  }

  private void notStored(PulsarLogSession by, Pending own, Throwable problem) {
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

  private void received(PulsarLogSession by, Message<byte[]> message) {
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
      PulsarLogSession opened =
          new PulsarLogSession(state, pending, this::forgotten, producer, keeper, since());
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
  private void readNext(PulsarLogSession by, ConsumerImpl<byte[]> from) {
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
    if (end.entry() < 0) {
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

  private void begin(PulsarLogSession opened) {
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
  private void end(PulsarLogSession ended, DriverException cause) {
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
    PulsarLogSession last;
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
