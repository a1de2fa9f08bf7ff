package dev.isostream.benchmarks.kinesis;

import dev.isostream.Codecs;
import dev.isostream.Exhausted;
import dev.isostream.Message;
import dev.isostream.Messaging;
import dev.isostream.MessagingBuilder;
import dev.isostream.Producer;
import dev.isostream.Receipt;
import dev.isostream.StartAt;
import dev.isostream.Subscription;
import dev.isostream.Topic;
import dev.isostream.benchmarks.report.Measurement;
import dev.isostream.conformance.brokers.Broker;
import dev.isostream.conformance.brokers.Brokers;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResultEntry;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/**
 * What 10,000 messages of 100 bytes cost, of 1000 keys on 4 shards, one of which is split half-way;
 * and how long as many keys of one shard are worked on at once. On an emulator: the milliseconds
 * are its own.
 */
public final class KinesisRun {
  private static final String NAME = "kinesis";
  private static final String PUBLISH = "publish 10,000 of 100 B";
  private static final String SLOW = "slow handler";
  private static final int MESSAGES = 10_000;
  private static final int KEYS = 1000;
  private static final int SHARDS = 4;
  private static final int BYTES = 100;
  private static final int BY_HAND = 500;
  private static final int SLOW_MESSAGES = 20_000;
  private static final int SLOW_CONCURRENCY = 100;
  private static final String SPLIT_AT = "42535295865117307932921825928971026431";

  private KinesisRun() {}

  /** What came out. */
  public record Result(List<Measurement> measured, Map<String, String> about) {}

  /** Runs it, on emulators that are started for it. */
  public static Result run(int rounds) throws InterruptedException {
    try (Brokers brokers = Brokers.of(Map.of("brokers.mode", "local"))) {
      Broker broker = brokers.shared(NAME);
      List<Measurement> measured = new ArrayList<>();
      try (KinesisClient client = client(broker);
          Messaging messaging = connect(broker)) {
        measured.addAll(publish(client, messaging, rounds));
        double seconds = slowly(messaging, rounds);
        measured.add(new Measurement(NAME, SLOW, Measurement.ISOSTREAM, "seconds", seconds, 1));
      }
      return new Result(
          measured,
          Map.of(
              "Broker",
              broker.version() + " (" + broker.mode() + "), on the same machine",
              "Producers",
              "raw: PutRecords of "
                  + BY_HAND
                  + " records, one request after the other, refused ones put again; Isostream: its"
                  + " defaults; a shard is split half-way"));
    }
  }

  private static Messaging connect(Broker broker) {
    MessagingBuilder builder =
        Messaging.builder()
            .address(NAME + "://" + broker.address())
            .property("kinesis.read.interval", "100ms");
    broker.properties().forEach(builder::property);
    return builder.open();
  }

  private static KinesisClient client(Broker broker) {
    return KinesisClient.builder()
        .endpointOverride(URI.create("http://" + broker.address()))
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("anybody", "anything")))
        .httpClientBuilder(UrlConnectionHttpClient.builder())
        .build();
  }

  // ---- publishing

  /** One that publishes, with a pause in which the shard is split. */
  private interface Publishing {
    void run(String topic, Runnable halfWay);
  }

  private static List<Measurement> publish(KinesisClient client, Messaging messaging, int rounds) {
    Map<String, List<double[]>> all = new HashMap<>();
    for (int round = 0; round <= rounds; round++) {
      double[] raw = once(client, messaging, (topic, half) -> byHand(client, topic, half));
      double[] ours = once(client, messaging, (topic, half) -> send(messaging, topic, half));
      if (round > 0) { // the first one warms up
        all.computeIfAbsent(Measurement.RAW, n -> new ArrayList<>()).add(raw);
        all.computeIfAbsent(Measurement.ISOSTREAM, n -> new ArrayList<>()).add(ours);
      }
    }
    List<Measurement> measured = new ArrayList<>();
    String[] metrics = {"requests", "records billed", "ms"};
    for (int i = 0; i < metrics.length; i++) {
      int metric = i;
      double raw = median(all.getOrDefault(Measurement.RAW, List.of()), metric);
      double ours = median(all.getOrDefault(Measurement.ISOSTREAM, List.of()), metric);
      measured.add(new Measurement(NAME, PUBLISH, Measurement.RAW, metrics[i], raw, 1));
      measured.add(
          new Measurement(NAME, PUBLISH, Measurement.ISOSTREAM, metrics[i], ours, ours / raw));
    }
    return measured;
  }

  private static double median(List<double[]> rounds, int metric) {
    double[] values = rounds.stream().mapToDouble(each -> each[metric]).sorted().toArray();
    return values[values.length / 2];
  }

  private static double[] once(KinesisClient client, Messaging messaging, Publishing publishing) {
    String topic = "publish-" + UUID.randomUUID();
    messaging.topics().create(topic, SHARDS);
    PutCounter.reset();
    AtomicLong splitting = new AtomicLong();
    long begin = System.nanoTime();
    publishing.run(topic, () -> splitting.addAndGet(split(client, topic)));
    long nanos = System.nanoTime() - begin - splitting.get();
    double[] result = {PutCounter.requests(), PutCounter.records(), nanos / 1e6};
    messaging.topics().delete(topic);
    return result;
  }

  /** The emulator answers nothing else meanwhile, so the time is not the publisher's. */
  private static long split(KinesisClient client, String topic) {
    long begin = System.nanoTime();
    client.splitShard(
        r -> r.streamName(topic).shardToSplit("shardId-000000000000").newStartingHashKey(SPLIT_AT));
    while (client
            .describeStreamSummary(r -> r.streamName(topic))
            .streamDescriptionSummary()
            .streamStatus()
        != StreamStatus.ACTIVE) {
      Thread.onSpinWait();
    }
    return System.nanoTime() - begin;
  }

  private static void byHand(KinesisClient client, String topic, Runnable halfWay) {
    List<PutRecordsRequestEntry> waiting = new ArrayList<>();
    for (int i = 0; i < MESSAGES; i++) {
      waiting.add(
          PutRecordsRequestEntry.builder()
              .partitionKey("key-" + i % KEYS)
              .data(SdkBytes.fromByteArray(new byte[BYTES]))
              .build());
      while (waiting.size() >= BY_HAND) {
        waiting = put(client, topic, waiting);
      }
      if (i == MESSAGES / 2) {
        halfWay.run();
      }
    }
    while (!waiting.isEmpty()) {
      waiting = put(client, topic, waiting);
    }
  }

  /** Those that were refused. */
  private static List<PutRecordsRequestEntry> put(
      KinesisClient client, String topic, List<PutRecordsRequestEntry> records) {
    List<PutRecordsResultEntry> results =
        client.putRecords(r -> r.streamName(topic).records(records)).records();
    List<PutRecordsRequestEntry> refused = new ArrayList<>();
    for (int i = 0; i < records.size(); i++) {
      if (results.get(i).errorCode() != null) {
        refused.add(records.get(i));
      }
    }
    return refused;
  }

  private static void send(Messaging messaging, String name, Runnable halfWay) {
    Topic<byte[]> topic = Topic.of(name, Codecs.bytes());
    List<CompletableFuture<Receipt>> sent = new ArrayList<>();
    try (Producer<byte[]> producer = messaging.producer(topic).open()) {
      for (int i = 0; i < MESSAGES; i++) {
        sent.add(producer.send(Message.of(new byte[BYTES]).key("key-" + i % KEYS)));
        if (i == MESSAGES / 2) {
          halfWay.run();
        }
      }
      CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).join();
    }
  }

  // ---- working on many keys of one shard at once

  private static double slowly(Messaging messaging, int rounds) throws InterruptedException {
    Topic<byte[]> topic = Topic.of("slow-" + UUID.randomUUID(), Codecs.bytes());
    messaging.topics().create(topic.name(), 1);
    try (Producer<byte[]> producer = messaging.producer(topic).open()) {
      List<CompletableFuture<Receipt>> sent = new ArrayList<>();
      for (int i = 0; i < SLOW_MESSAGES; i++) {
        sent.add(producer.send(Message.of(new byte[BYTES]).key("key-" + i % KEYS)));
      }
      CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).join();
    }
    double[] seconds = new double[rounds];
    for (int round = 0; round < rounds; round++) {
      seconds[round] = slowlyOnce(messaging, topic, "group-" + round);
    }
    Arrays.sort(seconds);
    return seconds[rounds / 2];
  }

  /** From the first message handed out to the last one handled. */
  private static double slowlyOnce(Messaging messaging, Topic<byte[]> topic, String group)
      throws InterruptedException {
    CountDownLatch left = new CountDownLatch(SLOW_MESSAGES);
    AtomicLong first = new AtomicLong();
    Subscription subscription =
        messaging
            .subscribe(topic)
            .group(group)
            .startAt(StartAt.earliest())
            .whenExhausted(Exhausted.STOP)
            .concurrency(SLOW_CONCURRENCY)
            .handle(
                delivery -> {
                  first.compareAndSet(0, System.nanoTime());
                  Thread.sleep(1);
                  left.countDown();
                });
    left.await();
    double seconds = (System.nanoTime() - first.get()) / 1e9;
    subscription.close();
    return seconds;
  }
}
