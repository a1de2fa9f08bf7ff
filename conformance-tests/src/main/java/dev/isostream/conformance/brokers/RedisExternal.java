package dev.isostream.conformance.brokers;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A Redis that someone else runs. It can be used, and nothing can be done to it. */
final class RedisExternal implements Broker {
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(15);

  private final String address;
  private @Nullable String version;

  RedisExternal(String address) {
    this.address = address;
  }

  @Override
  public String name() {
    return "redis";
  }

  @Override
  public BrokerMode mode() {
    return BrokerMode.EXTERNAL;
  }

  @Override
  public synchronized String version() {
    if (version == null) {
      version = RedisReadiness.version(address, ANSWER_LIMIT);
    }
    return version;
  }

  @Override
  public String address() {
    return address;
  }

  @Override
  public TcpProxy proxy() {
    throw beyondReach("put behind a proxy");
  }

  @Override
  public Optional<BrokerSecurity> security() {
    return Optional.empty();
  }

  @Override
  public boolean isRunning() {
    return true;
  }

  /** Checks that it answers. */
  @Override
  public void start() {
    RedisReadiness.await(address, ANSWER_LIMIT);
  }

  @Override
  public void kill() {
    throw beyondReach("killed");
  }

  @Override
  public void stop() {
    throw beyondReach("stopped");
  }

  @Override
  public void pause() {
    throw beyondReach("paused");
  }

  @Override
  public void resume() {
    throw beyondReach("resumed");
  }

  @Override
  public List<String> logTail(int lines) {
    return List.of();
  }

  private UnsupportedOperationException beyondReach(String what) {
    return new UnsupportedOperationException(
        "the Redis at "
            + address
            + " is someone else's and can't be "
            + what
            + "; use -Dbrokers.mode=local or containers");
  }

  @Override
  public void close() {
    // not ours to end
  }

  @Override
  public String toString() {
    return "Redis at " + address + " (" + mode() + ")";
  }
}
