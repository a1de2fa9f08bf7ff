package dev.isostream.kafka;

import dev.isostream.Position;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.SinkRecord;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.jspecify.annotations.Nullable;

/**
 * One idempotent producer of a sink. Its own retries keep the order and leave no copies (contract
 * P2, P4).
 *
 * <p>What the client can't tell of a record that ran out of time is whether a request that holds it
 * was ever written. Its counters can, in part: where no batch was taken for sending since the
 * record was given, and there is no connection by which one could just be going, it was not
 * (contract P3).
 *
 * <p>Threads: as {@link KafkaSink}.
 */
final class KafkaWriter {

  private static final int LOOK_EVERY = 16;

  private static final VarHandle DECIDED;

  static {
    try {
      DECIDED = MethodHandles.lookup().findVarHandle(KafkaWriter.class, "decided", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final KafkaTopic topic;
  private final KafkaProducer<byte @Nullable [], byte @Nullable []> producer;
  private final Metric sent;
  private final Metric connections;

  /** Counts what the client has decided, so that its counters need not be asked for each record. */
  private volatile int decided;

  private volatile boolean closed;

  // The appending thread's.
  private double sentBefore;
  private int decidedBefore;
  private int appended;

  /** Compared with the own thread only, so that no other has to see it. */
  private @Nullable Thread appending;

  KafkaWriter(KafkaTopic topic, KafkaProducer<byte @Nullable [], byte @Nullable []> producer) {
    this.topic = topic;
    this.producer = producer;
    this.sent = KafkaMetrics.find(producer.metrics(), "producer-metrics", "record-send-total");
    this.connections =
        KafkaMetrics.find(producer.metrics(), "producer-metrics", "connection-count");
  }

  void append(SinkRecord record) {
    look();
    appending = Thread.currentThread();
    try {
      // the callback tells all that the future would
      var unused =
          producer.send(
              KafkaRecords.toNative(topic.name(), record), new Pending(record, sentBefore));
    } catch (RuntimeException e) {
      // what the client throws, it has not told the callback
      ErrorKind kind = closed ? ErrorKind.CLOSED : KafkaErrors.kind(e);
      record.failed(kind, false, KafkaErrors.of(kind, doing(), e));
    } finally {
      appending = null;
    }
  }

  /**
   * Asks how much was sent by now. While nothing is decided every sixteenth time will do: an older
   * number is on the safe side.
   */
  private void look() {
    int now = decided;
    if (now != decidedBefore || appended++ % LOOK_EVERY == 0) {
      decidedBefore = now;
      sentBefore = KafkaMetrics.value(sent);
    }
  }

  private String doing() {
    return "Publishing to topic \"" + topic.name() + "\"";
  }

  void close() {
    closed = true;
    try {
      producer.close(Duration.ZERO);
    } catch (KafkaException e) {
      System.getLogger(KafkaWriter.class.getName())
          .log(System.Logger.Level.DEBUG, "Closing a producer failed", e);
    }
  }

  private boolean neverWritten(double sentBefore) {
    return KafkaMetrics.value(sent) == sentBefore && KafkaMetrics.value(connections) == 0;
  }

  /** One record on its way; also how its position is asked for, to save an object. */
  private final class Pending implements Callback, Supplier<CompletionStage<Position>> {
    private final SinkRecord record;
    private final double sentBefore;
    private int partition;
    private long offset;

    Pending(SinkRecord record, double sentBefore) {
      this.record = record;
      this.sentBefore = sentBefore;
    }

    @Override
    public void onCompletion(@Nullable RecordMetadata metadata, @Nullable Exception failure) {
      DECIDED.setRelease(KafkaWriter.this, decided + 1); // by one thread, mostly
      if (failure == null && metadata != null) {
        partition = metadata.partition();
        offset = metadata.offset();
        record.stored(this);
        return;
      }
      Exception cause = failure == null ? new KafkaException("no metadata") : failure;
      ErrorKind kind = closed ? ErrorKind.CLOSED : KafkaErrors.kind(cause);
      boolean never =
          appending == Thread.currentThread() // refused by send() itself
              || kind == ErrorKind.TOO_LARGE
              || neverWritten(sentBefore);
      record.failed(kind, !never, KafkaErrors.of(kind, doing(), cause));
    }

    @Override
    public CompletionStage<Position> get() {
      if (offset
          < 0) { // a copy was refused so late that the broker no longer knew the first one's place
        return CompletableFuture.failedStage(
            KafkaErrors.of(ErrorKind.UNAVAILABLE, "Asking for the position of a message", null));
      }
      return CompletableFuture.completedStage(topic.partition(partition).position(offset));
    }
  }
}
