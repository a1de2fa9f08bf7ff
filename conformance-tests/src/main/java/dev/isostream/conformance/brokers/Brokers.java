package dev.isostream.conformance.brokers;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;

/**
 * Gives real brokers to tests, and ends them.
 *
 * <p>Settings, as system properties ({@code -Dname=value}):
 *
 * <ul>
 *   <li>{@code brokers}: which backends are wanted, separated by commas; by default all but Pulsar
 *       and Kinesis.
 *   <li>{@code brokers.mode}: {@code containers}, {@code local}, {@code external}, or {@code auto},
 *       the default: containers where a Docker engine answers and has the image or gets it soon,
 *       else local.
 *   <li>{@code brokers.kafka.address}: {@code host:port} of a running Kafka; implies {@code
 *       external}.
 *   <li>{@code brokers.kafka.image}: another image than {@code apache/kafka}'s.
 *   <li>{@code brokers.kafka.classpath}: a file with the class path of a local Kafka; by default
 *       the build's own.
 *   <li>{@code brokers.kafka.jvm}: options of a local Kafka's JVM; by default small and quick to
 *       start.
 *   <li>{@code brokers.redis.address}: {@code host:port} of a running Redis; implies {@code
 *       external}.
 *   <li>{@code brokers.redis.image}: another image than {@code redis}'s.
 *   <li>{@code brokers.redis.server}: the program of a local Redis; by default {@code redis-server}
 *       from the path, else Debian's, which is fetched.
 *   <li>{@code brokers.rabbitmq.address}: {@code host:port} of a running RabbitMQ's stream
 *       listener; implies {@code external}.
 *   <li>{@code brokers.rabbitmq.image}: another image than {@code rabbitmq}'s.
 *   <li>{@code brokers.rabbitmq.server}: the directory into which a RabbitMQ server and Erlang are
 *       unpacked; by default Debian's own packages, which are fetched and unpacked once.
 *   <li>{@code brokers.pulsar.address}: {@code host:port} of a running Pulsar's binary protocol;
 *       implies {@code external}. {@code brokers.pulsar.admin.url}: where its HTTP interface is, by
 *       default at port 8080 of the same host.
 *   <li>{@code brokers.pulsar.image}: another image than {@code apachepulsar/pulsar}'s.
 *   <li>{@code brokers.pulsar.classpath}: a file with the class path of a local Pulsar; by default
 *       the build's own.
 *   <li>{@code brokers.pulsar.jvm}: options of a local Pulsar's JVM; by default small and quick to
 *       start.
 *   <li>{@code brokers.dir}: where local brokers put their files; by default {@code
 *       target/brokers}.
 * </ul>
 *
 * <p>Threads: safe from any.
 *
 * <p>Fails: {@link IllegalArgumentException} for a wrong setting, with what is allowed; {@link
 * BrokerUnavailableException} for a broker that can't be had, with what to install.
 */
public final class Brokers implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Brokers.class.getName());
  private static final String MEMORY = "memory";

  private final BrokerSettings settings;
  private final Map<String, BrokerFamily> families;
  private final Map<String, BrokerFamily.Choice> choices = new HashMap<>();
  private final Map<String, Broker> shared = new HashMap<>();
  private final Map<String, Broker> secured = new HashMap<>();
  private final Deque<Broker> opened = new ArrayDeque<>();
  private boolean closed;

  private Brokers(BrokerSettings settings) {
    this.settings = settings;
    this.families = BrokerFamily.all(settings);
  }

  /** Takes the settings from the system properties named {@code brokers} and {@code brokers.*}. */
  public static Brokers fromSystemProperties() {
    Map<String, String> found = new TreeMap<>();
    Properties properties = System.getProperties();
    for (String name : properties.stringPropertyNames()) {
      if (name.equals(BrokerSettings.SELECTION)
          || name.startsWith(BrokerSettings.SELECTION + ".")) {
        found.put(name, properties.getProperty(name));
      }
    }
    return of(found);
  }

  /** Takes the settings from a map with the same names. Starts nothing yet. */
  public static Brokers of(Map<String, String> settings) {
    return new Brokers(new BrokerSettings(settings));
  }

  /** The names of all backends that this knows. */
  public static List<String> known() {
    return BrokerSettings.KNOWN_BROKERS;
  }

  /** The names of the backends that were chosen. */
  public List<String> selected() {
    return settings.selected();
  }

  /** Whether the backend was chosen. */
  public boolean isSelected(String name) {
    requireKnown(name);
    return selected().contains(name);
  }

  /**
   * How this backend's broker is had. The first call in {@code auto} mode asks the Docker engine.
   */
  public BrokerMode mode(String name) {
    return choice(name).mode();
  }

  /** Why {@link #mode}, for a report. */
  public String modeReason(String name) {
    return choice(name).reason();
  }

  private synchronized BrokerFamily.Choice choice(String name) {
    requireKnown(name);
    BrokerFamily.Choice known = choices.get(name);
    if (known == null) {
      known = decide(name);
      choices.put(name, known);
      LOG.log(Level.INFO, "{0}: mode {1}, because {2}", name, known.mode(), known.reason());
    }
    return known;
  }

  private BrokerFamily.Choice decide(String name) {
    if (name.equals(MEMORY)) {
      return new BrokerFamily.Choice(BrokerMode.EMBEDDED, "it needs no broker");
    }
    Optional<BrokerMode> wanted = settings.mode(name);
    return wanted
        .map(mode -> new BrokerFamily.Choice(mode, "it was asked for"))
        .orElseGet(family(name)::choose);
  }

  /**
   * The broker that the whole run shares, running. Not for faults: others use it.
   *
   * <p>Blocks: the first time, until it serves.
   */
  public synchronized Broker shared(String name) {
    Broker present = shared.get(name);
    if (present == null) {
      present = open(name, false);
      shared.put(name, present);
    }
    return present;
  }

  /**
   * The guarded broker that the whole run shares, running: as {@link #shared}, with {@link
   * Broker#security}. Not in {@code external} mode.
   */
  public synchronized Broker secured(String name) {
    Broker present = secured.get(name);
    if (present == null) {
      requireControllable(name, "has no guarded listeners that a test could know");
      present = open(name, true);
      secured.put(name, present);
    }
    return present;
  }

  /**
   * A new broker, running, for the caller alone: to be killed, paused, cut off, and closed. Not in
   * {@code external} mode.
   */
  public Broker own(String name) {
    requireControllable(name, "must not be killed or cut off");
    return open(name, false);
  }

  private synchronized Broker open(String name, boolean guarded) {
    if (closed) {
      throw new IllegalStateException("these brokers are closed");
    }
    BrokerMode mode = mode(name);
    BrokerFamily family = family(name);
    family
        .obstacle(mode)
        .ifPresent(
            reason -> {
              throw new BrokerUnavailableException(
                  name + " in mode " + mode + " is not to be had: " + reason);
            });
    Broker broker = family.create(mode, guarded);
    opened.push(broker);
    long begin = System.nanoTime();
    broker.start();
    LOG.log(Level.INFO, "{0} serves after {1} ms", broker, (System.nanoTime() - begin) / 1_000_000);
    return broker;
  }

  private void requireControllable(String name, String reason) {
    if (!mode(name).controllable()) {
      throw new BrokerUnavailableException(
          name
              + " in mode "
              + mode(name)
              + " "
              + reason
              + "; use -Dbrokers.mode=local or containers");
    }
  }

  private BrokerFamily family(String name) {
    BrokerFamily family = families.get(name);
    if (family == null) {
      throw new IllegalArgumentException(
          "'" + name + "' has no broker to start; those that have: " + families.keySet());
    }
    return family;
  }

  private static void requireKnown(String name) {
    if (!known().contains(name)) {
      throw new IllegalArgumentException(
          "unknown broker '"
              + name
              + "'; did you mean '"
              + NearestName.of(name, known())
              + "'? Known: "
              + known());
    }
  }

  /** Ends every broker that this has started and that was not closed before. */
  @Override
  public synchronized void close() {
    closed = true;
    RuntimeException failure = null;
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (RuntimeException failed) {
        if (failure == null) {
          failure = failed;
        } else {
          failure.addSuppressed(failed);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
