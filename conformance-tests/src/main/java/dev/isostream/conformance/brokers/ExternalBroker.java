package dev.isostream.conformance.brokers;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A broker that someone else runs. It can be used, and nothing can be done to it. */
final class ExternalBroker implements Broker {
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(15);

  private final String name;
  private final String product;
  private final String address;
  private final Answer answer;
  private final Map<String, String> properties;
  private @Nullable String version;

  /** What a server of this kind answers. */
  interface Answer {

    /** Its release, or as much as it tells. Fails: {@link BrokerUnavailableException}. */
    String version(String address, Duration limit);
  }

  /**
   * One that runs at this address.
   *
   * @param product its name for people
   * @param properties see {@link Broker#properties}
   */
  ExternalBroker(
      String name, String product, String address, Answer answer, Map<String, String> properties) {
    this.name = name;
    this.product = product;
    this.address = address;
    this.answer = answer;
    this.properties = Map.copyOf(properties);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public BrokerMode mode() {
    return BrokerMode.EXTERNAL;
  }

  @Override
  public synchronized String version() {
    if (version == null) {
      version = answer.version(address, ANSWER_LIMIT);
    }
    return version;
  }

  @Override
  public String address() {
    return address;
  }

  @Override
  public Map<String, String> properties() {
    return properties;
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
    version();
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
        "the "
            + product
            + " at "
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
    return product + " at " + address + " (" + mode() + ")";
  }
}
