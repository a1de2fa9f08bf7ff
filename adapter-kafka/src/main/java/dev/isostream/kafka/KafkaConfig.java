package dev.isostream.kafka;

import dev.isostream.spi.DriverConfig;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.SinkSpec;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * What the native clients are opened with: what was set, and what the contract needs. Immutable.
 */
final class KafkaConfig {

  /** The client's default, and what is taken where the broker does not tell its own. */
  static final int DEFAULT_MAX_REQUEST_BYTES = 1 << 20;

  static final int DEFAULT_CURSOR_METADATA_BYTES = 4096;

  private static final int MAX_POLL_INTERVAL_MILLIS = 300_000;
  private static final int SESSION_TIMEOUT_MILLIS = 45_000;
  private static final int METADATA_MAX_AGE_MILLIS = 30_000;

  /** With one request in flight, what a request holds is what a round trip brings. */
  private static final int BATCH_BYTES = 65_536;

  /**
   * One who waits for each message waits this long more; the client's own default, 5, is for many.
   */
  private static final int LINGER_MILLIS = 1;

  private static final int MIN_FETCH_BYTES = 1 << 16;

  /** An append may wait this long for metadata, which it has since the sink was opened. */
  static final int MAX_BLOCK_MILLIS = 10;

  private static final long NEVER_MILLIS = Duration.ofDays(3650).toMillis();

  private final DriverConfig config;

  KafkaConfig(DriverConfig config) {
    this.config = config;
    if (newProtocol()) {
      refuseWithNewProtocol("session.timeout.ms", "group.consumer.session.timeout.ms");
      refuseWithNewProtocol("heartbeat.interval.ms", "group.consumer.heartbeat.interval.ms");
      refuseWithNewProtocol("partition.assignment.strategy", "group.consumer.assignors");
    }
  }

  private void refuseWithNewProtocol(String name, String brokers) {
    if (of(KafkaClient.CONSUMER, name) != null) {
      throw new DriverException(
          ErrorKind.INVALID,
          "kafka."
              + name
              + " can't be set together with kafka.group.protocol=consumer, where the broker decides it ("
              + brokers
              + "); remove it, or use kafka.group.protocol=classic.",
          null);
    }
  }

  String address() {
    return config.address();
  }

  Duration requestTimeout() {
    return config.requestTimeout();
  }

  /** Whether members use the protocol of KIP-848. */
  boolean newProtocol() {
    return "consumer".equalsIgnoreCase(of(KafkaClient.CONSUMER, "group.protocol"));
  }

  /** After which a dead member is noticed, with the classic protocol. */
  Duration sessionTimeout() {
    return Duration.ofMillis(
        number(KafkaClient.CONSUMER, "session.timeout.ms", SESSION_TIMEOUT_MILLIS));
  }

  /** The most characters of an offset's metadata. */
  int cursorMetadataBytes() {
    String set = config.properties().get(KafkaProperties.CURSOR_METADATA_MAX_BYTES);
    return set == null ? DEFAULT_CURSOR_METADATA_BYTES : Integer.parseInt(set);
  }

  /** For topics that are created; -1 for the broker's default. */
  short replicationFactor() {
    String set = config.properties().get(KafkaProperties.REPLICATION_FACTOR);
    return set == null ? -1 : Short.parseShort(set);
  }

  /** For topics that are created. */
  Map<String, String> topicConfig() {
    Map<String, String> topic = new HashMap<>();
    config
        .properties()
        .forEach(
            (name, value) -> {
              if (name.startsWith(KafkaProperties.TOPIC_CONFIG_PREFIX)) {
                topic.put(name.substring(KafkaProperties.TOPIC_CONFIG_PREFIX.length()), value);
              }
            });
    return topic;
  }

  /** The longest request that producers may send if that was set; else 0. */
  int maxRequestBytes() {
    return number(KafkaClient.PRODUCER, ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 0);
  }

  Map<String, Object> admin() {
    return common(KafkaClient.ADMIN, config.clientId());
  }

  /**
   * A producer.
   *
   * @param writer its number within its sink
   * @param maxMessageBytes what the topic takes
   */
  Map<String, Object> producer(SinkSpec spec, int writer, int partitions, int maxMessageBytes) {
    String id = config.clientId() + "-" + spec.producerId() + (writer == 0 ? "" : "-" + writer);
    Map<String, Object> all = common(KafkaClient.PRODUCER, id);
    all.remove(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG);
    all.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    all.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    all.put(ProducerConfig.ACKS_CONFIG, "all");
    all.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    // A broker that was killed begins with a snapshot that has a producer's latest batch only, and
    // calls a repeated one before it out of order; the client then numbers all anew, and stores
    // them twice (contract P4).
    all.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    all.putIfAbsent(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, maxMessageBytes);
    // nothing of this may ever block a caller
    all.put(CommonClientConfigs.METADATA_RECOVERY_STRATEGY_CONFIG, "none");
    all.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, NEVER_MILLIS);
    all.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, MAX_BLOCK_MILLIS);
    int batch = number(KafkaClient.PRODUCER, ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
    all.put(ProducerConfig.BATCH_SIZE_CONFIG, batch);
    all.put(ProducerConfig.BUFFER_MEMORY_CONFIG, bufferBytes(spec, partitions, batch));
    int delivery = millis(spec.deliveryTimeout());
    all.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, delivery);
    int linger =
        Math.min(
            number(KafkaClient.PRODUCER, ProducerConfig.LINGER_MS_CONFIG, LINGER_MILLIS),
            delivery - 1);
    all.put(ProducerConfig.LINGER_MS_CONFIG, Math.max(0, linger));
    all.put(
        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
        Math.max(1, Math.min(millis(requestTimeout()), delivery - Math.max(0, linger))));
    return all;
  }

  /** What is in flight, its records' frames, and for each partition the batches not yet full. */
  private static long bufferBytes(SinkSpec spec, int partitions, int batch) {
    return 4 * spec.maxInFlightBytes() + 8L * batch * (partitions + 1) + (8 << 20);
  }

  /** A member of a group. */
  Map<String, Object> member(GroupSpec spec) {
    Map<String, Object> all = consumer(config.clientId() + "-" + spec.memberId());
    all.put(ConsumerConfig.GROUP_ID_CONFIG, KafkaGroups.id(spec.topic(), spec.group()));
    all.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, Math.max(1, spec.maxPollRecords()));
    int fetch = Math.max(MIN_FETCH_BYTES, spec.maxFetchBytes());
    atMost(
        all, ConsumerConfig.FETCH_MAX_BYTES_CONFIG, fetch, ConsumerConfig.DEFAULT_FETCH_MAX_BYTES);
    atMost(
        all,
        ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
        fetch,
        ConsumerConfig.DEFAULT_MAX_PARTITION_FETCH_BYTES);
    if (!newProtocol()) {
      // members that keep a partition go on with it while others move
      all.putIfAbsent(
          ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
          CooperativeStickyAssignor.class.getName());
    }
    checkDrainLimit(spec);
    return all;
  }

  /** How long a commit may take while lanes are given back. */
  static Duration commitLimit(GroupSpec spec, Duration requestTimeout) {
    return spec.drainLimit().compareTo(requestTimeout) < 0 ? spec.drainLimit() : requestTimeout;
  }

  /**
   * Contract G4: the broker puts out who polls too late, and between two polls there may be a
   * commit to wait for, the draining, and its last commit.
   */
  private void checkDrainLimit(GroupSpec spec) {
    int interval =
        number(
            KafkaClient.CONSUMER,
            ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG,
            MAX_POLL_INTERVAL_MILLIS);
    long commit = commitLimit(spec, requestTimeout()).toMillis();
    long needed = spec.drainLimit().toMillis() + 3 * commit;
    if (needed > interval) {
      throw new DriverException(
          ErrorKind.INVALID,
          "drainLimit is "
              + spec.drainLimit().toMillis()
              + " ms; with three commits of up to "
              + commit
              + " ms around it that is "
              + needed
              + " ms, but the broker puts a member out after kafka.max.poll.interval.ms="
              + interval
              + ". Lower drainLimit, or set kafka.max.poll.interval.ms to "
              + needed
              + " or more.",
          null);
    }
  }

  /** A consumer without a group. */
  Map<String, Object> reader(String id) {
    Map<String, Object> all = consumer(config.clientId() + "-" + id);
    all.keySet().removeIf(name -> name.startsWith("group."));
    return all;
  }

  private Map<String, Object> consumer(String clientId) {
    Map<String, Object> all = common(KafkaClient.CONSUMER, clientId);
    all.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    all.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
    all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    return all;
  }

  private Map<String, Object> common(KafkaClient client, String clientId) {
    Map<String, Object> all = new HashMap<>();
    client.keys().keySet().forEach(name -> putIfSet(all, client, name));
    all.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, config.address());
    all.put(CommonClientConfigs.CLIENT_ID_CONFIG, clientId);
    all.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, millis(requestTimeout()));
    all.put(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, millis(requestTimeout()));
    all.putIfAbsent(AdminClientConfig.METADATA_MAX_AGE_CONFIG, METADATA_MAX_AGE_MILLIS);
    return all;
  }

  private void putIfSet(Map<String, Object> all, KafkaClient client, String name) {
    String value = of(client, name);
    if (value != null) {
      all.put(name, value);
    }
  }

  private static void atMost(Map<String, Object> all, String name, int most, int standard) {
    Object set = all.get(name);
    int value = set == null ? standard : Integer.parseInt(set.toString());
    all.put(name, Math.min(value, most));
  }

  private int number(KafkaClient client, String name, int standard) {
    String value = of(client, name);
    return value == null ? standard : Integer.parseInt(value.strip());
  }

  private @Nullable String of(KafkaClient client, String name) {
    String narrow = config.properties().get(client.prefix() + name);
    return narrow != null ? narrow : config.properties().get(name);
  }

  static int millis(Duration time) {
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, time.toMillis()));
  }
}
