package dev.isostream.conformance.suite;

import dev.isostream.Messaging;
import dev.isostream.MessagingBuilder;
import dev.isostream.conformance.BrokerHarness;
import dev.isostream.conformance.Faults;
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

/**
 * A real broker of the suite's own, or one that someone else runs and that must not be harmed. What
 * the kinds of broker differ in is left to the subclass.
 */
abstract class ServerHarness implements BrokerHarness {

  static final Timing TIMING =
      new Timing(Duration.ofSeconds(20), Duration.ofMillis(700), Duration.ofMinutes(4));

  static final String NOWHERE = "127.0.0.1:1";

  private final String backend;
  private final Map<String, String> settings;
  private final Brokers brokers;
  private final Broker broker;
  private final ProxiedNetwork network = new ProxiedNetwork();
  private final String wrongPassword = "wrong-" + UUID.randomUUID();

  /**
   * Starts the broker.
   *
   * @param settings what every client of the suite is opened with
   */
  ServerHarness(Brokers brokers, String backend, Map<String, String> settings) {
    this.brokers = brokers;
    this.backend = backend;
    this.settings = settings;
    this.broker =
        brokers.mode(backend).controllable() ? brokers.own(backend) : brokers.shared(backend);
  }

  /** What a client says to be that user. */
  abstract Map<String, String> login(String user, String password);

  /** What a client says to speak TLS, with no word on whom it trusts. */
  abstract Map<String, String> overTls();

  /** What a client says to stay behind the proxy. */
  Map<String, String> throughProxy() {
    return Map.of();
  }

  /** What else leads to where nobody is, beside the address. */
  Map<String, String> unreachable() {
    return Map.of();
  }

  /** Makes the topic, as a user who may, where a refusal needs one that exists. */
  void prepareRefusal(Messaging admin, String topic) {}

  final Broker broker() {
    return broker;
  }

  @Override
  public final String backend() {
    return backend;
  }

  @Override
  public final String mode() {
    return broker.mode().toString();
  }

  @Override
  public Timing timing() {
    return TIMING;
  }

  @Override
  public final Set<String> secrets() {
    return Set.of(wrongPassword);
  }

  @Override
  public final Messaging connect(Map<String, String> properties) {
    return connect(broker.address(), broker.properties(), properties);
  }

  private Messaging connect(
      String address, Map<String, String> told, Map<String, String> properties) {
    Map<String, String> all = new HashMap<>(settings);
    all.putAll(told);
    all.putAll(properties);
    MessagingBuilder builder = Messaging.builder().address(backend + "://" + address);
    all.forEach(builder::property);
    return builder.open();
  }

  final void requireControl(String what) {
    if (!broker.mode().controllable()) {
      throw new NotAvailableException("an external broker must not be " + what);
    }
  }

  @Override
  public final Messaging connectWrongly(Mistake mistake, String topic) {
    if (mistake == Mistake.UNREACHABLE) {
      Map<String, String> nowhere = new HashMap<>(unreachable());
      nowhere.put("request-timeout", "2s");
      return connect(NOWHERE, broker.properties(), nowhere);
    }
    requireControl("asked for users that only a test knows");
    Broker guarded = brokers.secured(backend);
    BrokerSecurity security = guarded.security().orElseThrow();
    Map<String, String> told = guarded.properties();
    String login = security.loginAddress();
    Map<String, String> admin = login(security.admin().user(), security.admin().password());
    try (Messaging preparing = connect(login, told, admin)) {
      prepareRefusal(preparing, topic);
    }
    return switch (mistake) {
      case BAD_CREDENTIALS -> connect(login, told, login(security.admin().user(), wrongPassword));
      case NO_PERMISSION ->
          connect(login, told, login(security.visitor().user(), security.visitor().password()));
      case BAD_TLS -> connect(security.tlsAddress(), told, overTls());
      case UNREACHABLE -> throw new AssertionError(mistake);
    };
  }

  @Override
  public final Driver driver() {
    Map<String, String> properties = new HashMap<>();
    broker
        .properties()
        .forEach((name, value) -> properties.put(name.substring(backend.length() + 1), value));
    return Drivers.open(backend + "://" + broker.address(), properties);
  }

  @Override
  public final Faults faults() {
    return new ServerFaults();
  }

  @Override
  public final void close() {
    if (broker.mode().controllable()) {
      broker.close();
    }
  }

  private final class ServerFaults implements Faults {
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
      Map<String, String> properties = new HashMap<>(settings);
      properties.putAll(broker.properties());
      properties.put("address", backend + "://" + broker.address());
      return Optional.of(properties);
    }

    @Override
    public void abandon(Messaging messaging) {
      throw new UnsupportedOperationException("members are killed in processes of their own");
    }
  }

  private final class ProxiedNetwork implements Faults.Network {
    private boolean losing;

    @Override
    public Messaging connect(Map<String, String> properties) {
      Map<String, String> all = new HashMap<>(properties);
      all.putAll(throughProxy());
      return ServerHarness.this.connect(broker.proxy().address(), broker.properties(), all);
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
