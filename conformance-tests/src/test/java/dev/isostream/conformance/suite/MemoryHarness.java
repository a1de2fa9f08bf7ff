package dev.isostream.conformance.suite;

import dev.isostream.Headers;
import dev.isostream.Messaging;
import dev.isostream.MessagingBuilder;
import dev.isostream.Position;
import dev.isostream.conformance.BrokerHarness;
import dev.isostream.conformance.Faults;
import dev.isostream.conformance.Foreign;
import dev.isostream.conformance.Mistake;
import dev.isostream.conformance.Timing;
import dev.isostream.memory.MemoryBroker;
import dev.isostream.memory.MemoryBroker.Unanswered;
import dev.isostream.memory.MemoryConnection;
import dev.isostream.spi.Driver;
import dev.isostream.spi.SourceRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/** A memory broker of its own, with a user and a password. */
public class MemoryHarness implements BrokerHarness {

  private static final String USER = "kit";
  private static final String VISITOR = "visitor";
  private static final Timing TIMING =
      new Timing(Duration.ofSeconds(10), Duration.ofMillis(60), Duration.ofSeconds(60));

  private final String name = "kit-" + UUID.randomUUID();
  private final String password = "memory-password-" + UUID.randomUUID();
  private final String wrongPassword = "wrong-password-" + UUID.randomUUID();
  private final MemoryBroker broker = MemoryBroker.named(name);
  private final MemoryBroker secureOnly = MemoryBroker.named(name + "-secure");
  private final MemoryBroker down = MemoryBroker.named(name + "-down");
  private final MemoryNetwork network = new MemoryNetwork();

  private final Duration session;

  /** An empty one, that gives a silent member up soon. */
  public MemoryHarness() {
    this(Duration.ofMillis(500));
  }

  /** An empty one, that gives a member up that was silent for so long. */
  public MemoryHarness(Duration session) {
    this.session = session;
    broker.addUser(USER, password);
    broker.addUser(VISITOR, password);
    secureOnly.requireSecureConnections(true);
    down.crash(Unanswered.LOST);
  }

  @Override
  public final String backend() {
    return "memory";
  }

  @Override
  public final String mode() {
    return "embedded";
  }

  @Override
  public Timing timing() {
    return TIMING;
  }

  @Override
  public final Set<String> secrets() {
    return Set.of(password, wrongPassword);
  }

  /** The address of a broker; a subclass may put something in between. */
  protected String address(MemoryBroker of) {
    return "memory://" + of.name();
  }

  /** Opens what is configured; a subclass may put something in between. */
  protected Messaging open(MessagingBuilder builder) {
    return builder.open();
  }

  @Override
  public final Messaging connect(Map<String, String> properties) {
    return connect(broker, USER, password, properties);
  }

  private Messaging connect(
      MemoryBroker to, String user, String with, Map<String, String> properties) {
    String address = address(to);
    String prefix = address.substring(0, address.indexOf(':'));
    Map<String, String> all = new HashMap<>();
    all.put(prefix + ".user", user);
    all.put(prefix + ".password", with);
    all.put(prefix + ".session.timeout", session.toMillis() + "ms");
    all.put(prefix + ".max.message.bytes", "100000");
    all.put("request-timeout", "5s");
    all.putAll(properties);
    MessagingBuilder builder = Messaging.builder().address(address);
    all.forEach(builder::property);
    return open(builder);
  }

  @Override
  public final Messaging connectWrongly(Mistake mistake, String topic) {
    return switch (mistake) {
      case BAD_CREDENTIALS -> connect(broker, USER, wrongPassword, Map.of());
      case NO_PERMISSION -> {
        broker.forbid(VISITOR, topic);
        yield connect(broker, VISITOR, password, Map.of());
      }
      case BAD_TLS -> connect(secureOnly, USER, password, Map.of());
      case UNREACHABLE -> connect(down, USER, password, Map.of("request-timeout", "1s"));
    };
  }

  @Override
  public final Driver driver() {
    return Drivers.open("memory://" + name, Map.of("user", USER, "password", password));
  }

  @Override
  public final Foreign foreign() {
    return new MemoryForeign();
  }

  @Override
  public final void trim(Position earliest) {
    broker.trim(earliest.topic(), earliest.partition(), earliest.word(0));
  }

  @Override
  public final Faults faults() {
    return new MemoryFaults();
  }

  @Override
  public final void close() {
    broker.remove();
    secureOnly.remove();
    down.remove();
  }

  private final class MemoryFaults implements Faults {
    @Override
    public void killBroker() {
      broker.crash(Unanswered.LOST);
    }

    @Override
    public void startBroker() {
      broker.restart();
    }

    @Override
    public Network network() {
      return network;
    }

    @Override
    public Optional<Map<String, String>> remote() {
      return Optional.empty();
    }

    @Override
    public void abandon(Messaging messaging) {
      connection(messaging).kill();
    }
  }

  private static MemoryConnection connection(Messaging messaging) {
    return messaging
        .unwrap(MemoryConnection.class)
        .orElseThrow(() -> new IllegalStateException("no memory connection"));
  }

  /** The connections made through it, each harmed by itself; others notice nothing. */
  private final class MemoryNetwork implements Faults.Network {
    private final List<MemoryConnection> connections = new CopyOnWriteArrayList<>();

    @Override
    public Messaging connect(Map<String, String> properties) {
      Messaging messaging = MemoryHarness.this.connect(properties);
      connections.add(connection(messaging));
      return messaging;
    }

    @Override
    public void cut() {
      connections.forEach(MemoryConnection::cut);
    }

    @Override
    public void hold() {
      connections.forEach(MemoryConnection::stall);
    }

    @Override
    public void loseReplies() {
      connections.forEach(MemoryConnection::loseReplies);
    }

    @Override
    public void delay(Duration by) {
      throw new UnsupportedOperationException("a method call takes no time");
    }

    @Override
    public void restore() {
      connections.forEach(MemoryConnection::heal);
    }
  }

  private final class MemoryForeign implements Foreign {
    @Override
    public void write(String topic, List<Entry> records) {
      for (Entry record : records) {
        broker.append(topic, "0", record.key(), record.payload(), Headers.of(record.headers()));
      }
    }

    @Override
    @SuppressWarnings(
        "NullAway") // of a record's class file it does not read that arrays may be null
    public List<Entry> read(String topic) {
      List<Entry> all = new ArrayList<>();
      try (Messaging messaging = connect(Map.of())) {
        for (String partition : messaging.topics().describe(topic).orElseThrow().partitions()) {
          for (SourceRecord stored : broker.stored(topic, partition)) {
            all.add(new Entry(stored.key(), stored.payload(), stored.headers().asList()));
          }
        }
      }
      return all;
    }
  }
}
