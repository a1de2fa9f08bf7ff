package dev.isostream.kinesis;

import dev.isostream.Limits;
import dev.isostream.spi.Admin;
import dev.isostream.spi.Driver;
import dev.isostream.spi.DriverTraits;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.LeaseStore;
import dev.isostream.spi.Sink;
import dev.isostream.spi.SinkSpec;
import dev.isostream.spi.Source;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;

/** One account and region. All that is opened shares the clients' connections. */
final class KinesisDriver implements Driver {

  private static final int MOST_APPENDED = 1024;

  /** What waits meanwhile goes together into few records; each request reaches all shards. */
  private static final int APPENDS_IN_FLIGHT = 1;

  private static final int READER_RECORDS = 1000;
  private static final long READER_BYTES = 8L << 20;

  private final KinesisConfig config;
  private final KinesisClients clients;
  private final KinesisTable table;
  private final KinesisGroups groups;
  private final KinesisAdmin admin;
  private final Map<String, KinesisStream> streams = new ConcurrentHashMap<>();

  KinesisDriver(KinesisConfig config, Executor blocking, LongSupplier nanoTime) {
    this.config = config;
    this.clients = new KinesisClients(config, blocking, nanoTime);
    this.table = new KinesisTable(clients);
    this.groups = new KinesisGroups(clients, table);
    this.admin = new KinesisAdmin(clients, groups);
  }

  @Override
  public DriverTraits traits() {
    return new DriverTraits(
        false,
        false,
        false,
        false,
        false,
        KinesisLimits.CURSOR_BYTES,
        MOST_APPENDED,
        APPENDS_IN_FLIGHT);
  }

  @Override
  public Limits limits() {
    return KinesisLimits.of(config);
  }

  private interface Opening<T> {
    T open(KinesisStream stream, KinesisShards shards);
  }

  private <T> T open(String doing, String topic, Opening<T> opening) {
    try {
      KinesisStream stream = KinesisStream.find(clients.kinesis(), topic);
      KinesisShards shards = KinesisClients.await(KinesisStream.shards(clients.kinesis(), topic));
      return opening.open(stream, shards);
    } catch (RuntimeException e) {
      throw KinesisErrors.translate(doing + " topic \"" + topic + "\"", e);
    }
  }

  @Override
  public Sink openSink(SinkSpec spec) {
    return open(
        "Opening a producer of",
        spec.topic(),
        (stream, shards) -> new KinesisSink(clients, stream, shards, spec));
  }

  @Override
  public GroupSource openGroup(GroupSpec spec) {
    return open(
        "Joining group \"" + spec.group() + "\" of",
        spec.topic(),
        (stream, shards) -> {
          groups.register(spec.topic(), spec.group(), shards);
          KinesisLanes lanes = new KinesisLanes(stream, shards);
          KinesisFeed feed = feed(lanes, spec);
          streams.put(spec.memberId(), stream);
          return new KinesisMember(clients, table, lanes, feed, spec);
        });
  }

  private KinesisFeed feed(KinesisLanes lanes, GroupSpec spec) {
    KinesisFeed polling =
        new KinesisPolling(clients, lanes, spec.maxPollRecords(), spec.maxFetchBytes());
    if (!config.fanOut()) {
      return polling;
    }
    return new KinesisFanOut(
        clients, lanes, polling, () -> groups.consumer(lanes.stream, spec.group()));
  }

  @Override
  public Source openReader(String topic) {
    return open(
        "Opening a reader of",
        topic,
        (stream, shards) -> {
          // leaves no trace, so it has no registered consumer
          KinesisLanes lanes = new KinesisLanes(stream, shards);
          KinesisFeed polling = new KinesisPolling(clients, lanes, READER_RECORDS, READER_BYTES);
          return new KinesisSource(clients, lanes, polling, READER_RECORDS);
        });
  }

  @Override
  public Admin admin() {
    return admin;
  }

  @Override
  public LeaseStore leases(GroupSpec spec) {
    KinesisStream stream = streams.remove(spec.memberId());
    if (stream == null) {
      throw KinesisErrors.of(
          ErrorKind.CLOSED, "Keeping leases of group \"" + spec.group() + "\"", null);
    }
    return new KinesisLeases(clients, table, groups, stream, spec);
  }

  @Override
  public <T> Optional<T> unwrap(Class<T> type) {
    if (type == KinesisAsyncClient.class) {
      return Optional.of(type.cast(clients.kinesis()));
    }
    return type == DynamoDbAsyncClient.class
        ? Optional.of(type.cast(clients.dynamoDb()))
        : Optional.empty();
  }

  @Override
  public void close() {
    clients.close();
  }
}
