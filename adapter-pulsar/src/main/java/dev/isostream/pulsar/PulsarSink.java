package dev.isostream.pulsar;

import dev.isostream.Position;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Sink;
import dev.isostream.spi.SinkRecord;
import dev.isostream.spi.SinkSpec;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.apache.pulsar.client.api.Message;
import org.apache.pulsar.client.api.MessageId;
import org.apache.pulsar.client.api.MessageIdAdv;
import org.apache.pulsar.client.api.Producer;
import org.apache.pulsar.client.api.Reader;
import org.apache.pulsar.client.api.Schema;
import org.apache.pulsar.client.api.TypedMessageBuilder;
import org.apache.pulsar.client.impl.PartitionedProducerImpl;
import org.jspecify.annotations.Nullable;

/**
 * One native producer, under the name of its own. It sends again what was not confirmed, in order,
 * and the topic refuses what is not above the highest number of that name (contract P2, P4).
 *
 * <p>What the client can't tell of a message that ran out of time is whether it was ever written.
 * Where the producer had no connection when it was given, and has had none since, it was not
 * (contract P3).
 */
final class PulsarSink implements Sink {

  private final PulsarClients clients;
  private final PulsarTopic topic;
  private final Producer<byte[]> producer;
  private volatile boolean closed;

  private PulsarSink(PulsarClients clients, PulsarTopic topic, Producer<byte[]> producer) {
    this.clients = clients;
    this.topic = topic;
    this.producer = producer;
  }

  /** Blocks. */
  @SuppressWarnings("deprecation") // of the bound over all partitions, which has a default still
  static PulsarSink open(PulsarClients clients, PulsarTopic topic, SinkSpec spec) {
    Producer<byte[]> producer =
        clients.await(
            doing(topic),
            clients
                .config()
                .producer(clients.client().newProducer(Schema.BYTES))
                .topic(clients.nativeName(topic.name()))
                .producerName(spec.producerId())
                .sendTimeout(PulsarConfig.millis(spec.deliveryTimeout()), TimeUnit.MILLISECONDS)
                // the engine bounds what is in flight; of the second one a share would bound it too
                .maxPendingMessages(0)
                .maxPendingMessagesAcrossPartitions(0)
                .blockIfQueueFull(false)
                .createAsync());
    return new PulsarSink(clients, topic, producer);
  }

  private static String doing(PulsarTopic topic) {
    return "Publishing to topic \"" + topic.name() + "\"";
  }

  @Override
  public void append(List<? extends SinkRecord> records) {
    long disconnected = disconnectedSince();
    for (SinkRecord record : records) {
      Pending pending = new Pending(record, disconnected);
      try {
        TypedMessageBuilder<byte[]> message = producer.newMessage();
        PulsarRecords.fill(message, record);
        var unused = message.sequenceId(record.sequence()).sendAsync().whenComplete(pending);
      } catch (RuntimeException e) {
        pending.failed(e, false);
      }
    }
  }

  /**
   * Since when there is no connection at all, in milliseconds as the client counts them; -1 where
   * there is any.
   */
  private long disconnectedSince() {
    if (producer.isConnected()) {
      return -1;
    }
    long since = producer.getLastDisconnectedTimestamp();
    if (producer instanceof PartitionedProducerImpl<?> partitioned) {
      for (Producer<?> each : partitioned.getProducers()) {
        if (each.isConnected()) {
          return -1;
        }
        since = Math.max(since, each.getLastDisconnectedTimestamp());
      }
    }
    return since;
  }

  /** The client holds back for its batching delay at most. */
  @Override
  public void hurry() {
    var unused = producer.flushAsync();
  }

  @Override
  public void close() {
    closed = true;
    var unused = producer.closeAsync();
  }

  /** One record on its way; also how its position is asked for, to save an object. */
  private final class Pending
      implements BiConsumer<@Nullable MessageId, @Nullable Throwable>,
          Supplier<CompletionStage<Position>> {
    private final SinkRecord record;
    private final long disconnected;
    private @Nullable MessageId id;

    Pending(SinkRecord record, long disconnected) {
      this.record = record;
      this.disconnected = disconnected;
    }

    @Override
    public void accept(@Nullable MessageId stored, @Nullable Throwable failure) {
      if (failure == null && stored != null) {
        id = stored;
        record.stored(this);
      } else {
        Throwable cause = failure == null ? new IllegalStateException("no id") : failure;
        boolean never =
            PulsarErrors.kind(cause) == ErrorKind.TOO_LARGE
                || (disconnected >= 0 && disconnectedSince() == disconnected);
        failed(cause, !never);
      }
    }

    void failed(Throwable cause, boolean maybeStored) {
      DriverException known = PulsarErrors.translate(doing(topic), cause);
      record.failed(closed ? ErrorKind.CLOSED : known.kind(), maybeStored, known);
    }

    @Override
    public CompletionStage<Position> get() {
      if (!(id instanceof MessageIdAdv known)) {
        return CompletableFuture.failedStage(
            PulsarErrors.of(ErrorKind.UNKNOWN, doing(topic), null));
      }
      PulsarTopic.Partition partition = topic.partition(Math.max(0, known.getPartitionIndex()));
      if (known.getEntryId() >= 0) {
        return CompletableFuture.completedStage(partition.position(known));
      }
      String doing = "Asking for the position of a message";
      return clients.async(doing, () -> find(doing, partition));
    }

    /** The topic refused a copy, and does not say where the first one is. */
    private Position find(String doing, PulsarTopic.Partition partition) throws Exception {
      try (Reader<byte[]> reader =
          clients.await(
              doing,
              clients
                  .client()
                  .newReader()
                  .topic(partition.nativeName())
                  .startMessageId(MessageId.earliest)
                  .createAsync())) {
        while (clients.await(doing, reader.hasMessageAvailableAsync())) {
          Message<byte[]> message = clients.await(doing, reader.readNextAsync());
          if (message.getSequenceId() == record.sequence()
              && producer.getProducerName().equals(message.getProducerName())) {
            return partition.position(message);
          }
        }
      }
      throw PulsarErrors.of(ErrorKind.REMOVED, doing, null);
    }
  }
}
