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
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;

/** A real Kafka of its own, or one that someone else runs and that must not be harmed. */
final class KafkaHarness implements BrokerHarness {

  private static final Timing TIMING =
      new Timing(Duration.ofSeconds(20), Duration.ofMillis(700), Duration.ofMinutes(4));

  /** Dead members are missed soon, by what the client may say. */
  static final Map<String, String> CLASSIC =
      Map.of(
          "kafka.session.timeout.ms", "2000",
          "kafka.heartbeat.interval.ms", "300",
          "request-timeout", "10s");

  /** With the newer protocol (KIP-848) the broker says when a member is missed. */
  static final Map<String, String> CONSUMER =
      Map.of("kafka.group.protocol", "consumer", "request-timeout", "10s");

  private final Brokers brokers;
  private final Map<String, String> protocol;
  private final Broker broker;
  private final KafkaNetwork network = new KafkaNetwork();
  private final String wrongPassword = "wrong-" + UUID.randomUUID();

  KafkaHarness(Brokers brokers, Map<String, String> protocol) {
    this.brokers = brokers;
    this.protocol = protocol;
    this.broker =
        brokers.mode("kafka").controllable() ? brokers.own("kafka") : brokers.shared("kafka");
  }

  @Override
  public String backend() {
    return "kafka";
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
    Map<String, String> all = new HashMap<>(protocol);
    all.putAll(properties);
    MessagingBuilder builder = Messaging.builder().address("kafka://" + address);
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
    BrokerSecurity security = brokers.secured("kafka").security().orElseThrow();
    return switch (mistake) {
      case BAD_CREDENTIALS ->
          connect(security.loginAddress(), login(security.admin().user(), wrongPassword));
      case NO_PERMISSION ->
          connect(
              security.loginAddress(),
              login(security.visitor().user(), security.visitor().password()));
      case BAD_TLS -> connect(security.tlsAddress(), Map.of("kafka.security.protocol", "SSL"));
      case UNREACHABLE -> throw new AssertionError(mistake);
    };
  }

  private static Map<String, String> login(String user, String password) {
    return Map.of(
        "kafka.security.protocol",
        "SASL_PLAINTEXT",
        "kafka.sasl.mechanism",
        "PLAIN",
        "kafka.sasl.jaas.config",
        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\""
            + user
            + "\" password=\""
            + password
            + "\";");
  }

  @Override
  public Driver driver() {
    return Drivers.open("kafka://" + broker.address(), Map.of());
  }

  @Override
  public Foreign foreign() {
    return new KafkaForeign(broker.address());
  }

  @Override
  public void trim(Position earliest) {
    TopicPartition partition =
        new TopicPartition(earliest.topic(), Integer.parseInt(earliest.partition()));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.address()))) {
      admin
          .deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(earliest.word(0))))
          .all()
          .get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("can't trim " + partition, e);
    }
  }

  @Override
  public Faults faults() {
    return new KafkaFaults();
  }

  @Override
  public void close() {
    if (broker.mode().controllable()) {
      broker.close();
    }
  }

  private final class KafkaFaults implements Faults {
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
      Map<String, String> properties = new HashMap<>(protocol);
      properties.put("address", "kafka://" + broker.address());
      return Optional.of(properties);
    }

    @Override
    public void abandon(Messaging messaging) {
      throw new UnsupportedOperationException("members are killed in processes of their own");
    }
  }

  private final class KafkaNetwork implements Faults.Network {
    private boolean losing;

    @Override
    public Messaging connect(Map<String, String> properties) {
      return KafkaHarness.this.connect(broker.proxy().address(), properties);
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
