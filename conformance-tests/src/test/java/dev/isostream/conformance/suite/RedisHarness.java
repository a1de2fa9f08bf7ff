package dev.isostream.conformance.suite;

import dev.isostream.Messaging;
import dev.isostream.MessagingBuilder;
import dev.isostream.Position;
import dev.isostream.conformance.BrokerHarness;
import dev.isostream.conformance.Faults;
import dev.isostream.conformance.Foreign;
import dev.isostream.conformance.Mistake;
import dev.isostream.conformance.NotAvailableException;
import dev.isostream.conformance.Timing;
import dev.isostream.conformance.brokers.Broker;
import dev.isostream.conformance.brokers.BrokerSecurity;
import dev.isostream.conformance.brokers.Brokers;
import dev.isostream.conformance.brokers.TcpProxy;
import dev.isostream.conformance.brokers.TcpProxy.Direction;
import dev.isostream.spi.Driver;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol;

/** A real Redis of its own, or one that someone else runs and that must not be harmed. */
final class RedisHarness implements BrokerHarness {

  private static final Timing TIMING =
      new Timing(Duration.ofSeconds(20), Duration.ofMillis(700), Duration.ofMinutes(4));

  /** Dead members are missed soon. */
  private static final Map<String, String> SETTINGS =
      Map.of("redis.failover.time", "3s", "request-timeout", "10s");

  private final Brokers brokers;
  private final Broker broker;
  private final RedisNetwork network = new RedisNetwork();
  private final String wrongPassword = "wrong-" + UUID.randomUUID();

  RedisHarness(Brokers brokers) {
    this.brokers = brokers;
    this.broker =
        brokers.mode("redis").controllable() ? brokers.own("redis") : brokers.shared("redis");
  }

  @Override
  public String backend() {
    return "redis";
  }

  @Override
  public String mode() {
    return broker.mode().toString();
  }

  @Override
  public Timing timing() {
    return TIMING;
  }

  @Override
  public Set<String> secrets() {
    return Set.of(wrongPassword);
  }

  @Override
  public Messaging connect(Map<String, String> properties) {
    return connect(broker.address(), properties);
  }

  private Messaging connect(String address, Map<String, String> properties) {
    Map<String, String> all = new HashMap<>(SETTINGS);
    all.putAll(properties);
    MessagingBuilder builder = Messaging.builder().address("redis://" + address);
    all.forEach(builder::property);
    return builder.open();
  }

  private void requireControl(String what) {
    if (!broker.mode().controllable()) {
      throw new NotAvailableException("an external broker must not be " + what);
    }
  }

  @Override
  public Messaging connectWrongly(Mistake mistake, String topic) {
    if (mistake == Mistake.UNREACHABLE) {
      return connect("127.0.0.1:1", Map.of("request-timeout", "2s"));
    }
    requireControl("asked for users that only a test knows");
    BrokerSecurity security = brokers.secured("redis").security().orElseThrow();
    return switch (mistake) {
      case BAD_CREDENTIALS ->
          connect(security.loginAddress(), login(security.admin().user(), wrongPassword));
      case NO_PERMISSION ->
          connect(
              security.loginAddress(),
              login(security.visitor().user(), security.visitor().password()));
      case BAD_TLS -> connect(security.tlsAddress(), Map.of("redis.tls", "true"));
      case UNREACHABLE -> throw new AssertionError(mistake);
    };
  }

  private static Map<String, String> login(String user, String password) {
    return Map.of("redis.user", user, "redis.password", password);
  }

  @Override
  public Driver driver() {
    return Drivers.open("redis://" + broker.address(), Map.of());
  }

  @Override
  public Foreign foreign() {
    return new RedisForeign(broker.address());
  }

  @Override
  public void trim(Position earliest) {
    String stream = "isostream:{" + earliest.topic() + ":" + earliest.partition() + "}";
    String id = earliest.word(0) + "-" + earliest.word(1);
    try (Connection connection = new Connection(HostAndPort.from(broker.address()))) {
      connection.sendCommand(Protocol.Command.XTRIM, stream, "MINID", id);
      connection.getOne();
    }
  }

  @Override
  public Faults faults() {
    return new RedisFaults();
  }

  @Override
  public void close() {
    if (broker.mode().controllable()) {
      broker.close();
    }
  }

  private final class RedisFaults implements Faults {
    @Override
    public void killBroker() {
      requireControl("killed");
      broker.kill();
    }

    @Override
    public void startBroker() {
      broker.start();
    }

    @Override
    public Network network() {
      requireControl("cut off");
      return network;
    }

    @Override
    public Optional<Map<String, String>> remote() {
      Map<String, String> properties = new HashMap<>(SETTINGS);
      properties.put("address", "redis://" + broker.address());
      return Optional.of(properties);
    }

    @Override
    public void abandon(Messaging messaging) {
      throw new UnsupportedOperationException("members are killed in processes of their own");
    }
  }

  private final class RedisNetwork implements Faults.Network {
    private boolean losing;

    @Override
    public Messaging connect(Map<String, String> properties) {
      return RedisHarness.this.connect(broker.proxy().address(), properties);
    }

    @Override
    public void cut() {
      broker.proxy().refuse();
      broker.proxy().cut();
    }

    @Override
    public void hold() {
      broker.proxy().blackHole(Direction.TO_BROKER, Direction.TO_CLIENT);
    }

    @Override
    public void loseReplies() {
      losing = true;
      broker.proxy().blackHole(Direction.TO_CLIENT);
    }

    @Override
    public void delay(Duration by) {
      broker.proxy().delay(Direction.TO_BROKER, by);
      broker.proxy().delay(Direction.TO_CLIENT, by);
    }

    @Override
    public void restore() {
      TcpProxy proxy = broker.proxy();
      if (losing) {
        losing = false;
        proxy.cut();
      }
      proxy.heal();
    }
  }
}
