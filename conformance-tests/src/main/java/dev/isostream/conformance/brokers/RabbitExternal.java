package dev.isostream.conformance.brokers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A RabbitMQ that someone else runs. It can be used, and nothing can be done to it. */
final class RabbitExternal implements Broker {
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(15);

  private final String address;

  RabbitExternal(String address) {
    this.address = address;
  }

  @Override
  public String name() {
    return "rabbitmq";
  }

  @Override
  public BrokerMode mode() {
    return BrokerMode.EXTERNAL;
  }

  @Override
  public String version() {
    return "unknown";
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
    int colon = address.lastIndexOf(':');
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(
              address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))),
          (int) ANSWER_LIMIT.toMillis());
    } catch (IOException silent) {
      throw new BrokerUnavailableException("no RabbitMQ answers at " + address, silent);
    }
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
        "the RabbitMQ at "
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
    return "RabbitMQ at " + address + " (" + mode() + ")";
  }
}
