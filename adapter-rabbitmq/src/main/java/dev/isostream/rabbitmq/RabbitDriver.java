package dev.isostream.rabbitmq;

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
import dev.isostream.spi.log.LogGroup;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One cluster, one virtual host. Each sink, source and group has connections of its own. */
final class RabbitDriver implements Driver {

  static final int CURSOR_BYTES = 16 << 10;

  private static final int MOST_APPENDED = 1024;
  private static final int READER_RECORDS = 1000;
  private static final long READER_BYTES = 8L << 20;

  private final RabbitConfig config;
  private final RabbitCluster cluster;
  private final RabbitRegistry registry;
  private final RabbitAdmin admin;
  private final Map<String, LogGroup> groups = new ConcurrentHashMap<>();

  RabbitDriver(RabbitConfig config, Executor blocking) {
    this.config = config;
    this.cluster = new RabbitCluster(config, blocking);
    this.registry = new RabbitRegistry(cluster);
    this.admin = new RabbitAdmin(cluster, registry);
  }

  @Override
  public DriverTraits traits() {
    return new DriverTraits(false, false, true, false, true, CURSOR_BYTES, MOST_APPENDED, 1);
  }

  @Override
  public Limits limits() {
    return RabbitLimits.of(config);
  }

  @Override
  public Sink openSink(SinkSpec spec) {
    return new RabbitSink(cluster, cluster.find(spec.topic()), spec.producerId()).open();
  }

  @Override
  public GroupSource openGroup(GroupSpec spec) {
    RabbitTopic topic = cluster.find(spec.topic());
    requireReadable(topic);
    var unused =
        cluster
            .locator()
            .create(
                RabbitGroup.stream(spec.topic(), spec.group()),
                RabbitGroup.arguments(topic.partitions()));
    await(
        "Joining group \"" + spec.group() + "\" of topic \"" + spec.topic() + "\"",
        registry.addGroup(spec.topic(), spec.group()));
    LogGroup group = RabbitGroup.open(cluster, spec.topic(), spec.group());
    groups.put(spec.memberId(), group);
    return new RabbitMember(cluster, topic, spec, group, () -> groups.remove(spec.memberId()));
  }

  /** So that a permission that is missing shows at once. */
  private void requireReadable(RabbitTopic topic) {
    var unused = cluster.end(topic.streams().get(0));
  }

  private void await(String doing, CompletableFuture<?> done) {
    try {
      var unused = done.get(config.requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw RabbitErrors.translate(doing, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw RabbitErrors.of(ErrorKind.UNAVAILABLE, doing, e);
    }
  }

  @Override
  public Source openReader(String topic) {
    RabbitTopic found = cluster.find(topic);
    requireReadable(found);
    return new RabbitSource(cluster, found, READER_RECORDS, READER_BYTES);
  }

  @Override
  public Admin admin() {
    return admin;
  }

  @Override
  public LeaseStore leases(GroupSpec spec) {
    LogGroup group = groups.get(spec.memberId());
    if (group == null) {
      throw RabbitErrors.of(
          ErrorKind.CLOSED, "Keeping leases of group \"" + spec.group() + "\"", null);
    }
    return group.leases(spec.memberId());
  }

  /** There is no native client that lives as long as the driver. */
  @Override
  public <T> Optional<T> unwrap(Class<T> type) {
    return Optional.empty();
  }

  @Override
  public void close() {
    registry.close();
    groups.values().forEach(LogGroup::close);
    cluster.close();
  }
}
