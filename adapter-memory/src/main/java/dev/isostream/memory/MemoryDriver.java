package dev.isostream.memory;

import dev.isostream.Limits;
import dev.isostream.spi.Admin;
import dev.isostream.spi.Driver;
import dev.isostream.spi.DriverTraits;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.LeaseStore;
import dev.isostream.spi.Sink;
import dev.isostream.spi.SinkSpec;
import dev.isostream.spi.Source;
import java.time.Duration;
import java.util.Optional;

/** One connection to a {@link MemoryBroker}. Thread-safe. */
final class MemoryDriver implements Driver {

  private static final DriverTraits TRAITS =
      new DriverTraits(true, true, true, false, true, MemoryGroup.CURSOR_BYTES, 1000, 64);

  private static final int READER_RECORDS = 1000;
  private static final long READER_BYTES = 16L << 20;

  /** From the end of a dead member's session until another has noticed. */
  private static final Duration NOTICE = Duration.ofSeconds(1);

  private final MemoryBroker broker;
  private final MemoryConfig config;
  private final MemoryConnection connection;

  MemoryDriver(MemoryBroker broker, MemoryConfig config) {
    this.broker = broker;
    this.config = config;
    this.connection = broker.connect(config);
  }

  @Override
  public DriverTraits traits() {
    return TRAITS;
  }

  @Override
  public Limits limits() {
    return Limits.builder()
        .maxMessageBytes(config.maxMessageBytes())
        .maxKeyBytes(config.maxKeyBytes())
        .groupRetention(Duration.ofDays(36_500))
        .failoverTime(config.sessionTimeout().plus(NOTICE))
        .reconnectTime(Duration.ofSeconds(5))
        .timestampSource(Limits.TimestampSource.BROKER)
        .build();
  }

  @Override
  public Sink openSink(SinkSpec spec) {
    find(spec.topic());
    return new MemorySink(connection, spec);
  }

  @Override
  public GroupSource openGroup(GroupSpec spec) {
    if (spec.drainLimit().compareTo(config.rebalanceTimeout()) > 0) {
      throw MemoryErrors.invalid(
          "The drain limit "
              + spec.drainLimit()
              + " is longer than memory.rebalance.timeout, "
              + config.rebalanceTimeout()
              + "; make one shorter or the other longer");
    }
    return new MemoryMemberSource(connection, find(spec.topic()), spec);
  }

  @Override
  public Source openReader(String topic) {
    return new MemorySource(connection, find(topic), READER_RECORDS, READER_BYTES);
  }

  private MemoryTopic find(String topic) {
    return connection.call(() -> connection.topic(topic));
  }

  @Override
  public Admin admin() {
    return new MemoryAdmin(connection);
  }

  @Override
  public LeaseStore leases(GroupSpec spec) {
    throw MemoryErrors.invalid("The memory broker assigns partitions itself and keeps no leases");
  }

  @Override
  public <T> Optional<T> unwrap(Class<T> type) {
    if (type.isInstance(broker)) {
      return Optional.of(type.cast(broker));
    }
    return type.isInstance(connection) ? Optional.of(type.cast(connection)) : Optional.empty();
  }

  @Override
  public void close() {
    connection.close();
  }
}
