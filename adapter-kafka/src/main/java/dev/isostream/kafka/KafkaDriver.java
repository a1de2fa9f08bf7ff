package dev.isostream.kafka;

import dev.isostream.Limits;
import dev.isostream.spi.Driver;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.DriverTraits;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.LeaseStore;
import dev.isostream.spi.Sink;
import dev.isostream.spi.SinkSpec;
import dev.isostream.spi.Source;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One cluster. The admin client is shared; each sink and source has a client of its own. */
final class KafkaDriver implements Driver {

  private final KafkaConfig config;
  private final Admin client;
  private final KafkaAdmin admin;
  private final KafkaLimits limits;
  private final AtomicInteger readers = new AtomicInteger();

  KafkaDriver(KafkaConfig config) {
    this.config = config;
    this.client = opening("Connecting to " + config.address(), () -> Admin.create(config.admin()));
    this.limits = new KafkaLimits(config, client);
    this.admin = new KafkaAdmin(config, client);
  }

  @Override
  public DriverTraits traits() {
    return new DriverTraits(
        true,
        true,
        true,
        false,
        true,
        KafkaCursors.stateBytes(config.cursorMetadataBytes()),
        Integer.MAX_VALUE,
        Integer.MAX_VALUE);
  }

  @Override
  public Limits limits() {
    return limits.get();
  }

  @Override
  public Sink openSink(SinkSpec spec) {
    KafkaTopic topic = admin.find(spec.topic(), AclOperation.WRITE);
    return opening(
        "Opening a producer for topic \"" + spec.topic() + "\"", () -> openSink(topic, spec));
  }

  private Sink openSink(KafkaTopic topic, SinkSpec spec) {
    int maxMessageBytes = limits.maxMessageBytes(spec.topic());
    List<KafkaWriter> writers = new ArrayList<>();
    try {
      for (int number = 0; number < KafkaSink.writers(topic); number++) {
        writers.add(
            openWriter(topic, config.producer(spec, number, topic.partitions(), maxMessageBytes)));
      }
      return new KafkaSink(topic, writers);
    } catch (RuntimeException e) {
      writers.forEach(KafkaWriter::close);
      throw e;
    }
  }

  private KafkaWriter openWriter(KafkaTopic topic, Map<String, Object> properties) {
    var producer = new KafkaProducer<byte @Nullable [], byte @Nullable []>(properties);
    try {
      awaitMetadata(producer, topic.name());
      return new KafkaWriter(topic, producer);
    } catch (RuntimeException e) {
      producer.close(Duration.ZERO);
      throw e;
    }
  }

  /**
   * So that no append has to wait for it; each call waits for the client's max.block.ms at most.
   */
  private void awaitMetadata(KafkaProducer<?, ?> producer, String topic) {
    long tries = config.requestTimeout().toMillis() / KafkaConfig.MAX_BLOCK_MILLIS;
    while (true) {
      try {
        producer.partitionsFor(topic);
        return;
      } catch (TimeoutException e) {
        if (--tries < 0) {
          throw e;
        }
      }
    }
  }

  @Override
  public GroupSource openGroup(GroupSpec spec) {
    KafkaTopic topic = admin.find(spec.topic(), AclOperation.READ);
    return opening(
        "Joining group \"" + spec.group() + "\" of topic \"" + spec.topic() + "\"",
        () -> new KafkaMember(topic, spec, new KafkaConsumer<>(config.member(spec)), config));
  }

  @Override
  public Source openReader(String topic) {
    KafkaTopic found = admin.find(topic, AclOperation.READ);
    Map<String, Object> properties = config.reader("reader-" + readers.incrementAndGet());
    return opening(
        "Opening a reader of topic \"" + topic + "\"",
        () -> new KafkaReader(found, new KafkaConsumer<>(properties), config.requestTimeout()));
  }

  private static <T> T opening(String doing, Supplier<T> open) {
    try {
      return open.get();
    } catch (DriverException e) {
      throw e;
    } catch (RuntimeException e) {
      throw KafkaErrors.translate(doing, e);
    }
  }

  @Override
  public dev.isostream.spi.Admin admin() {
    return admin;
  }

  @Override
  public LeaseStore leases(GroupSpec spec) {
    throw KafkaErrors.of(ErrorKind.UNKNOWN, "Asking for leases, which Kafka does not need", null);
  }

  @Override
  public <T> Optional<T> unwrap(Class<T> type) {
    return type.isInstance(client) ? Optional.of(type.cast(client)) : Optional.empty();
  }

  @Override
  public void close() {
    client.close(Duration.ZERO);
  }
}
