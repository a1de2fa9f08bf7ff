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
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

/** A real RabbitMQ of its own, or one that someone else runs and that must not be harmed. */
final class RabbitHarness implements BrokerHarness {

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

  private static final Timing TIMING =
      new Timing(Duration.ofSeconds(20), Duration.ofMillis(700), Duration.ofMinutes(4));

  /** Dead members are missed soon. */
  private static final Map<String, String> QUICK =
      Map.of("rabbitmq.failover.time", "4s", "request-timeout", "10s");

  /** A segment has a chunk, and a chunk that is sent alone has one message. */
  private static final Map<String, String> SMALL_SEGMENTS =
      Map.of("rabbitmq.topic.config.stream-max-segment-size-bytes", "60");

  private final Brokers brokers;
  private final Broker broker;
  private final RabbitNetwork network = new RabbitNetwork();
  private final String wrongPassword = "wrong-" + UUID.randomUUID();

  RabbitHarness(Brokers brokers) {
    this.brokers = brokers;
    this.broker =
        brokers.mode("rabbitmq").controllable()
            ? brokers.own("rabbitmq")
            : brokers.shared("rabbitmq");
  }

  @Override
  public String backend() {
    return "rabbitmq";
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

  private Map<String, String> standard() {
    Map<String, String> all = new HashMap<>(QUICK);
    all.putAll(broker.properties());
    return all;
  }

  private Messaging connect(String address, Map<String, String> properties) {
    Map<String, String> all = new HashMap<>(standard());
    all.putAll(properties);
    MessagingBuilder builder = Messaging.builder().address("rabbitmq://" + address);
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
    Broker guarded = brokers.secured("rabbitmq");
    BrokerSecurity security = guarded.security().orElseThrow();
    try (Messaging admin =
        connect(
            security.loginAddress(),
            login(guarded, security.admin().user(), security.admin().password()))) {
      if (admin.topics().describe(topic).isEmpty()) {
        admin.topics().create(topic, 1);
      }
    }
    return switch (mistake) {
      case BAD_CREDENTIALS ->
          connect(security.loginAddress(), login(guarded, security.admin().user(), wrongPassword));
      case NO_PERMISSION ->
          connect(
              security.loginAddress(),
              login(guarded, security.visitor().user(), security.visitor().password()));
      case BAD_TLS -> {
        Map<String, String> all = new HashMap<>(guarded.properties());
        all.put("rabbitmq.tls", "true");
        all.put("rabbitmq.connect", "given");
        yield connect(security.tlsAddress(), all);
      }
      case UNREACHABLE -> throw new AssertionError(mistake);
    };
  }

  private static Map<String, String> login(Broker guarded, String user, String password) {
    Map<String, String> all = new HashMap<>(guarded.properties());
    all.put("rabbitmq.username", user);
    all.put("rabbitmq.password", password);
    return all;
  }

  @Override
  public Driver driver() {
    return Drivers.open("rabbitmq://" + broker.address(), Map.of("amqp.address", amqpAddress()));
  }

  @Override
  public Foreign foreign() {
    return new RabbitForeign(broker.address());
  }

  private String amqpAddress() {
    return broker.properties().getOrDefault("rabbitmq.amqp.address", "127.0.0.1:5672");
  }

  @Override
  public Map<String, String> trimmable() {
    return SMALL_SEGMENTS;
  }

  /** By a policy that keeps no more bytes than those of the segments from there on. */
  @Override
  public void trim(Position earliest) {
    requireControl("trimmed");
    String stream = earliest.topic() + "-" + earliest.partition();
    NavigableMap<Long, Long> before = segments(stream);
    long kept = bytes(before.tailMap(earliest.word(0), true));
    // the broker begins another segment meanwhile; there is room for it, and for no message before
    long room = bytes(before.headMap(earliest.word(0), false).tailMap(earliest.word(0) - 2)) - 1;
    broker.control(
        "set_policy",
        stream,
        "^" + stream + "$",
        "{\"max-length-bytes\":" + (kept + room) + "}",
        "--apply-to",
        "queues");
    long deadline = System.nanoTime() + TIMING.patience().toNanos();
    while (segments(stream).firstKey() < earliest.word(0) - 1) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(stream + " is not trimmed: " + segments(stream));
      }
      LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
    }
  }

  private static long bytes(Map<Long, Long> segments) {
    return segments.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Sizes by first offset. */
  private NavigableMap<Long, Long> segments(String stream) {
    String printed =
        broker.control(
            "eval",
            "lists:foreach(fun(F) -> io:format(\"segment ~s ~p~n\","
                + " [filename:basename(F, \".segment\"), filelib:file_size(F)]) end,"
                + " filelib:wildcard(filename:join([rabbit_mnesia:dir(), \"stream\", \"__"
                + stream
                + "_*\", \"*.segment\"]))).");
    NavigableMap<Long, Long> sizes = new TreeMap<>();
    var matcher = Pattern.compile("segment (\\d+) (\\d+)").matcher(printed);
    while (matcher.find()) {
      sizes.put(Long.valueOf(matcher.group(1)), Long.valueOf(matcher.group(2)));
    }
    if (sizes.isEmpty()) {
      throw new IllegalStateException("no segments of " + stream + ": " + printed);
    }
    return sizes;
  }

  @Override
  public Faults faults() {
    return new RabbitFaults();
  }

  @Override
  public void close() {
    if (broker.mode().controllable()) {
      broker.close();
    }
  }

  private final class RabbitFaults implements Faults {
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
      Map<String, String> properties = new HashMap<>(standard());
      properties.put("address", "rabbitmq://" + broker.address());
      return Optional.of(properties);
    }

    @Override
    public void abandon(Messaging messaging) {
      throw new UnsupportedOperationException("members are killed in processes of their own");
    }
  }

  private final class RabbitNetwork implements Faults.Network {
    private boolean losing;

    @Override
    public Messaging connect(Map<String, String> properties) {
      Map<String, String> all = new HashMap<>(properties);
      all.put("rabbitmq.connect", "given");
      return RabbitHarness.this.connect(broker.proxy().address(), all);
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
