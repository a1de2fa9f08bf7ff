package dev.isostream.conformance.brokers;

import java.util.List;

/** A broker that this JVM started: its name, and its addresses on ports that it keeps for life. */
abstract class OwnBroker implements Broker {
  private final String name;
  private final String product;
  private final BrokerMode mode;
  private final String host;
  private final List<Integer> ports;
  private final TcpProxy proxy;

  /**
   * One that has not been started.
   *
   * @param product its name for people
   * @param ports how many it listens on
   * @param proxied which of them is behind the proxy
   */
  OwnBroker(String name, String product, BrokerMode mode, String host, int ports, int proxied) {
    this.name = name;
    this.product = product;
    this.mode = mode;
    this.host = host;
    this.ports = Ports.free(ports);
    this.proxy = TcpProxy.open(at(proxied));
  }

  @Override
  public final String name() {
    return name;
  }

  final String product() {
    return product;
  }

  @Override
  public final BrokerMode mode() {
    return mode;
  }

  final String host() {
    return host;
  }

  final int port(int index) {
    return ports.get(index);
  }

  /** {@code host:port}. */
  final String at(int index) {
    return host + ":" + port(index);
  }

  @Override
  public final String address() {
    return at(0);
  }

  @Override
  public final TcpProxy proxy() {
    return proxy;
  }

  @Override
  public final String toString() {
    return product + " " + version() + " at " + address() + " (" + mode + ")";
  }
}
