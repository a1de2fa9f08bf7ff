package dev.isostream.redis;

import dev.isostream.Limits;
import dev.isostream.spi.Driver;
import dev.isostream.spi.DriverTraits;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.LeaseStore;
import dev.isostream.spi.Sink;
import dev.isostream.spi.SinkSpec;
import dev.isostream.spi.Source;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import redis.clients.jedis.providers.ConnectionProvider;

/** One server, or several that belong together. */
final class RedisDriver implements Driver {

  private static final int MOST_IN_AN_APPEND = 4096;

  private final RedisServers servers;
  private final RedisAdmin admin;
  private final RedisLimits limits;

  RedisDriver(RedisConfig config, Executor blocking) {
    this.servers = new RedisServers(config, blocking);
    this.admin = new RedisAdmin(servers);
    this.limits = new RedisLimits(servers);
  }

  @Override
  public DriverTraits traits() {
    return new DriverTraits(
        false, false, true, true, false, RedisLimits.CURSOR_BYTES, MOST_IN_AN_APPEND, 1);
  }

  @Override
  public Limits limits() {
    return limits.get();
  }

  @Override
  public Sink openSink(SinkSpec spec) {
    return opening(
        "Opening topic \"" + spec.topic() + "\" to publish",
        () -> new RedisSink(checked(spec.topic()), servers, spec));
  }

  @Override
  public GroupSource openGroup(GroupSpec spec) {
    return opening(
        "Joining group \"" + spec.group() + "\" of topic \"" + spec.topic() + "\"",
        () -> new RedisMember(checked(spec.topic()), servers, spec));
  }

  @Override
  public Source openReader(String topic) {
    return opening(
        "Opening a reader of topic \"" + topic + "\"",
        () -> new RedisReader(checked(topic), servers));
  }

  private RedisTopic checked(String topic) {
    RedisTopic found = admin.find(topic);
    limits.check();
    return found;
  }

  private <T> T opening(String doing, Supplier<T> open) {
    try {
      return open.get();
    } catch (RuntimeException e) {
      throw servers.failure(doing, e);
    }
  }

  @Override
  public dev.isostream.spi.Admin admin() {
    return admin;
  }

  @Override
  public LeaseStore leases(GroupSpec spec) {
    return new RedisLeases(servers, admin, spec);
  }

  @Override
  public <T> Optional<T> unwrap(Class<T> type) {
    return type == ConnectionProvider.class
        ? Optional.of(type.cast(servers.connections()))
        : Optional.empty();
  }

  @Override
  public void close() {
    servers.close();
  }
}
