package dev.isostream.conformance.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Codecs;
import dev.isostream.Consumer;
import dev.isostream.Delivery;
import dev.isostream.Message;
import dev.isostream.Messaging;
import dev.isostream.MessagingBuilder;
import dev.isostream.Producer;
import dev.isostream.Reader;
import dev.isostream.Receipt;
import dev.isostream.Received;
import dev.isostream.StartAt;
import dev.isostream.Topic;
import dev.isostream.conformance.brokers.Broker;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/** Topics on emulators, what was sent to them, and what has to be in them then. */
final class KinesisBench {
  static final Duration LIMIT = Duration.ofSeconds(90);

  private KinesisBench() {}

  static Topic<String> topic() {
    return Topic.of("t-" + UUID.randomUUID(), Codecs.utf8());
  }

  static Messaging connect(Broker broker) {
    return connect(broker, Map.of());
  }

  static Messaging connect(Broker broker, Map<String, String> more) {
    MessagingBuilder builder =
        Messaging.builder()
            .address("kinesis://" + broker.address())
            .property("kinesis.failover.time", "4s")
            .property("kinesis.read.interval", "100ms");
    broker.properties().forEach(builder::property);
    more.forEach(builder::property);
    return builder.open();
  }

  static KinesisClient nativeClient(Broker broker) {
    return KinesisClient.builder()
        .endpointOverride(URI.create("http://" + broker.address()))
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("anybody", "anything")))
        .httpClientBuilder(UrlConnectionHttpClient.builder())
        .build();
  }

  /** Sends each key's numbers from the first on; the payload is the key and the number. */
  static List<CompletableFuture<Receipt>> send(
      Producer<String> producer, int keys, int first, int perKey) {
    List<CompletableFuture<Receipt>> stages = new ArrayList<>();
    for (int i = first; i < first + perKey; i++) {
      for (int k = 0; k < keys; k++) {
        stages.add(producer.send(Message.of("k" + k + "/" + i).key("k" + k)));
      }
    }
    return stages;
  }

  static void confirmed(List<CompletableFuture<Receipt>> stages) throws Exception {
    CompletableFuture.allOf(stages.toArray(CompletableFuture[]::new))
        .get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Receives so many, and settles them. */
  static List<String> drain(Consumer<String> consumer, int count) throws Exception {
    List<String> got = new ArrayList<>();
    while (got.size() < count) {
      List<Delivery<String>> batch = consumer.receiveBatch(100, LIMIT);
      assertThat(batch).as("after %d of %d", got.size(), count).isNotEmpty();
      batch.forEach(each -> got.add(each.payload()));
      CompletableFuture<?>[] acks =
          batch.stream()
              .map(each -> each.ack().toCompletableFuture())
              .toArray(CompletableFuture[]::new);
      CompletableFuture.allOf(acks).get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    }
    return got;
  }

  /** Reads the topic to its end: each once, and each key's in order. */
  static void assertStored(Messaging messaging, Topic<String> topic, int keys, int perKey) {
    assertInOrder(read(messaging, topic), keys, perKey);
  }

  /** Reads the topic to its end. */
  static List<String> read(Messaging messaging, Topic<String> topic) {
    try (Reader<String> reader =
        messaging.reader(topic).from(StartAt.earliest()).untilEnd().open()) {
      return reader.stream().map(Received::payload).toList();
    }
  }

  /** Each once, and each key's numbers from 0 on in order. */
  static void assertInOrder(List<String> payloads, int keys, int perKey) {
    assertThat(payloads).doesNotHaveDuplicates().hasSize(keys * perKey);
    Map<String, Integer> next = new HashMap<>();
    for (String payload : payloads) {
      String key = payload.substring(0, payload.indexOf('/'));
      int number = Integer.parseInt(payload.substring(payload.indexOf('/') + 1));
      assertThat(number).as("of %s", key).isEqualTo(next.getOrDefault(key, 0));
      next.put(key, number + 1);
    }
  }

  static void awaitActive(KinesisClient client, Topic<String> topic) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (client
            .describeStreamSummary(r -> r.streamName(topic.name()))
            .streamDescriptionSummary()
            .streamStatus()
        != StreamStatus.ACTIVE) {
      assertThat(System.nanoTime()).as("the stream is active again").isLessThan(deadline);
    }
  }
}
