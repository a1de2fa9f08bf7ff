package dev.isostream.benchmarks.kafka;

import dev.isostream.benchmarks.report.Measurement;
import dev.isostream.benchmarks.rounds.Clients;
import dev.isostream.benchmarks.rounds.Contestant;
import dev.isostream.benchmarks.rounds.Deadline;
import dev.isostream.benchmarks.rounds.Load;
import dev.isostream.benchmarks.rounds.Outcomes;
import dev.isostream.benchmarks.rounds.Pipe;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** The plain client, used as its documentation says, by someone who wants to lose nothing. */
final class RawKafka implements Contestant {

  private static final Duration POLL = Duration.ofMillis(500);

  private final Clients clients;

  RawKafka(Clients clients) {
    this.clients = clients;
  }

  @Override
  public String name() {
    return Measurement.RAW;
  }

  private KafkaProducer<byte[], byte[]> producer() {
    Map<String, Object> settings = new HashMap<>(KafkaBackend.producer(clients));
    settings.put("bootstrap.servers", clients.address());
    settings.put("acks", "all");
    settings.put("enable.idempotence", true);
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private KafkaConsumer<byte[], byte[]> consumer(String group) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", clients.address());
    settings.put("group.id", group);
    settings.put("enable.auto.commit", false);
    settings.put("auto.offset.reset", "earliest");
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // the callback counts
  public long publish(String topic, Load load) {
    try (KafkaProducer<byte[], byte[]> producer = producer()) {
      producer.partitionsFor(topic);
      AtomicLong stored = new AtomicLong();
      AtomicReference<@Nullable Exception> failed = new AtomicReference<>();
      Callback callback =
          (metadata, exception) -> {
            if (exception == null) {
              stored.incrementAndGet();
            } else {
              failed.set(exception);
            }
          };
      long begin = System.nanoTime();
      for (int i = 0; i < load.messages(); i++) {
        producer.send(new ProducerRecord<>(topic, load.key(i), load.payload()), callback);
      }
      producer.flush();
      long took = System.nanoTime() - begin;
      Outcomes.requireAll(load.messages(), stored.get(), failed.get());
      return took;
    }
  }

  @Override
  public long consume(String topic, String group, int messages) {
    long[] bytes = new long[1];
    long took = consume(topic, group, messages, record -> bytes[0] += record.value().length);
    Outcomes.requireSome(bytes[0]);
    return took;
  }

  @Override
  public long consumeSlowly(String topic, String group, int messages, SlowWork work) {
    return consume(topic, group, messages, record -> work.run());
  }

  private long consume(
      String topic,
      String group,
      int messages,
      java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> handler) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(group)) {
      Assigned assigned = new Assigned();
      consumer.subscribe(List.of(topic), assigned);
      Deadline deadline = new Deadline();
      int handled = 0;
      while (handled < messages) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        for (ConsumerRecord<byte[], byte[]> record : records) {
          handler.accept(record);
        }
        if (!records.isEmpty()) {
          consumer.commitSync();
        }
        handled += records.count();
        deadline.check(handled, messages);
      }
      return System.nanoTime() - assigned.atNanos;
    }
  }

  @Override
  public Pipe openPipe(String topic, String group, Pipe.Receiver receiver) {
    return RawKafkaPipe.open(producer(), consumer(group), topic, receiver);
  }

  @Override
  public void close() {
    // Each piece of work has clients of its own.
  }

  /** When the partitions came. */
  private static final class Assigned implements ConsumerRebalanceListener {
    private long atNanos;

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      if (atNanos == 0 && !partitions.isEmpty()) {
        atNanos = System.nanoTime();
      }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      // Everything handled is committed after each poll.
    }
  }
}
