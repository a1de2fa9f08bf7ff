package dev.isostream.benchmarks.kafka;

import dev.isostream.benchmarks.rounds.Outcomes;
import dev.isostream.benchmarks.rounds.Pipe;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/** A plain producer, and a plain consumer on a thread of its own that commits once per poll. */
final class RawKafkaPipe implements Pipe {

  private static final Duration POLL = Duration.ofMillis(500);

  private final KafkaProducer<byte[], byte[]> producer;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final String topic;
  private final Thread thread;
  private final CountDownLatch assigned = new CountDownLatch(1);
  private final AtomicReference<@Nullable Exception> failed = new AtomicReference<>();

  private RawKafkaPipe(
      KafkaProducer<byte[], byte[]> producer,
      KafkaConsumer<byte[], byte[]> consumer,
      String topic,
      Receiver receiver) {
    this.producer = producer;
    this.consumer = consumer;
    this.topic = topic;
    this.thread = new Thread(() -> read(receiver), "raw-consumer");
  }

  static RawKafkaPipe open(
      KafkaProducer<byte[], byte[]> producer,
      KafkaConsumer<byte[], byte[]> consumer,
      String topic,
      Receiver receiver) {
    RawKafkaPipe pipe = new RawKafkaPipe(producer, consumer, topic, receiver);
    pipe.thread.start();
    Outcomes.await(pipe.assigned, "the plain consumer gets its partitions");
    return pipe;
  }

  private void read(Receiver receiver) {
    try (consumer) {
      consumer.subscribe(List.of(topic));
      while (true) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        if (!consumer.assignment().isEmpty()) {
          assigned.countDown();
        }
        for (ConsumerRecord<byte[], byte[]> record : records) {
          receiver.receive(record.value());
        }
        if (!records.isEmpty()) {
          consumer.commitSync();
        }
      }
    } catch (WakeupException e) {
      // closed
    }
  }

  @Override
  public void send(byte[] key, byte[] payload) {
    var unused =
        producer.send(
            new ProducerRecord<>(topic, key, payload),
            (metadata, exception) -> {
              if (exception != null) {
                failed.set(exception);
              }
            });
  }

  @Override
  public void close() {
    producer.close();
    consumer.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Outcomes.requireNone(failed.get());
  }
}
