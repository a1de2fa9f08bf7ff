package dev.isostream.engine.testing;

import dev.isostream.Limits;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.EngineRuntime;
import dev.isostream.spi.Admin;
import dev.isostream.spi.Driver;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.DriverTraits;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.LeaseStore;
import dev.isostream.spi.Sink;
import dev.isostream.spi.SinkSpec;
import dev.isostream.spi.Source;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A driver of what a test puts into it. */
public final class FakeDriver implements Driver {

  private final DriverTraits traits;
  private final Limits limits;
  private final FakeLog log = new FakeLog();
  private final FakeGroupSource group = new FakeGroupSource(log);
  private final List<FakeSink> sinks = new ArrayList<>();
  private @Nullable FakeGroup liveGroup;
  private boolean live;
  private volatile boolean storing = true;
  private volatile @Nullable DriverException refusal;

  public FakeDriver(DriverTraits traits, Limits limits) {
    this.traits = traits;
    this.limits = limits;
  }

  /** As Kafka: the client keeps the order and the store refuses copies. */
  public static DriverTraits direct() {
    return new DriverTraits(true, true, true, false, true, 3072, 1000, 5);
  }

  /** The engine keeps order and marks copies. */
  public static DriverTraits gated(int batch, int appends) {
    return new DriverTraits(false, false, false, false, true, 3072, batch, appends);
  }

  /** The engine keeps the order, the store refuses copies by the highest number. */
  public static DriverTraits strict(int batch) {
    return new DriverTraits(false, false, true, false, true, 3072, batch, 5);
  }

  public EngineContext context(EngineRuntime runtime) {
    return new EngineContext(this, runtime, "test", Duration.ofSeconds(5), List.of());
  }

  public FakeLog log() {
    return log;
  }

  /** Whether sinks opened from now on store what they get at once. */
  public FakeDriver storing(boolean on) {
    storing = on;
    return this;
  }

  /** What opening fails with; null for nothing. */
  public void refuse(@Nullable DriverException failure) {
    refusal = failure;
  }

  public synchronized List<FakeSink> sinks() {
    return List.copyOf(sinks);
  }

  /** The one that was opened last. */
  public synchronized FakeSink sink() {
    return sinks.get(sinks.size() - 1);
  }

  @Override
  public DriverTraits traits() {
    return traits;
  }

  @Override
  public Limits limits() {
    return limits;
  }

  @Override
  public synchronized Sink openSink(SinkSpec spec) {
    DriverException failure = refusal;
    if (failure != null) {
      throw failure;
    }
    FakeSink sink = new FakeSink(spec, storing);
    sinks.add(sink);
    return sink;
  }

  @Override
  public synchronized GroupSource openGroup(GroupSpec spec) {
    if (!live) {
      return group;
    }
    FakeGroup opened = new FakeGroup(log.open());
    liveGroup = opened;
    return opened;
  }

  /** The source of whatever member joins, unless groups are live. */
  public FakeGroupSource group() {
    return group;
  }

  /** From now on each member has partition 0 from the start, and reads what is added. */
  public synchronized void live() {
    live = true;
  }

  /** The live one that was opened last. */
  public synchronized FakeGroup liveGroup() {
    return Objects.requireNonNull(liveGroup);
  }

  @Override
  public Source openReader(String topic) {
    DriverException failure = refusal;
    if (failure != null) {
      throw failure;
    }
    return log.open();
  }

  @Override
  public Admin admin() {
    return log;
  }

  @Override
  public LeaseStore leases(GroupSpec spec) {
    throw new UnsupportedOperationException();
  }

  @Override
  public <T> Optional<T> unwrap(Class<T> type) {
    return Optional.empty();
  }

  @Override
  public void close() {}
}
