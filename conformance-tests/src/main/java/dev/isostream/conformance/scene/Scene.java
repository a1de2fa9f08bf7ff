package dev.isostream.conformance.scene;

import dev.isostream.Codec;
import dev.isostream.Codecs;
import dev.isostream.ConsumerBuilder;
import dev.isostream.GroupMember;
import dev.isostream.Limits;
import dev.isostream.Messaging;
import dev.isostream.Producer;
import dev.isostream.ProducerBuilder;
import dev.isostream.Reader;
import dev.isostream.ReaderBuilder;
import dev.isostream.Received;
import dev.isostream.SubscriptionBuilder;
import dev.isostream.Topic;
import dev.isostream.conformance.BrokerHarness;
import dev.isostream.conformance.NotAvailableException;
import dev.isostream.conformance.Timing;
import dev.isostream.conformance.Transcript;
import dev.isostream.conformance.history.Event;
import dev.isostream.conformance.history.History;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One test's world: a backend, topics of its own, a history, and everything opened, to be closed at
 * its end.
 *
 * <p>Threads: safe from any, but for closing.
 */
public final class Scene implements AutoCloseable {

  private static final AtomicLong NUMBERS = new AtomicLong();
  private static final String RUN = Long.toString(System.currentTimeMillis() % 1_000_000_000, 36);

  private final BrokerHarness harness;
  private final Transcript transcript;
  private final String rule;
  private final History history = new History();
  private final Evidence evidence = new Evidence();
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private @Nullable Messaging main;
  private volatile boolean networkUsed;

  /** For one test of this rule. */
  public Scene(BrokerHarness harness, Transcript transcript, String rule) {
    this.harness = harness;
    this.transcript = transcript;
    this.rule = rule;
  }

  /** The backend. */
  public BrokerHarness harness() {
    return harness;
  }

  /** How patient to be. */
  public Timing timing() {
    return harness.timing();
  }

  /** The backend's limits. */
  public Limits limits() {
    return messaging().limits();
  }

  /**
   * A delivery timeout for what is not going to be delivered: what is waited for it is lost, but a
   * broker that is there answers within it, also on a busy machine.
   */
  public Duration brief() {
    return timing().patience().dividedBy(5);
  }

  /** What happened so far. */
  public History history() {
    return history;
  }

  /** What this test has to show. */
  public Evidence evidence() {
    return evidence;
  }

  /** The connection for everything that needs none of its own. */
  public synchronized Messaging messaging() {
    if (main == null) {
      main = connect();
    }
    return main;
  }

  /** A fresh connection, as of another process. */
  public Messaging connect() {
    return closing(harness.connect(secrets()));
  }

  /** As {@link #connect()}, with these properties beside. */
  public Messaging connect(Map<String, String> properties) {
    Map<String, String> all = new HashMap<>(secrets());
    all.putAll(properties);
    return closing(harness.connect(all));
  }

  /** A fresh connection through the network that can be harmed. */
  public Messaging connectThroughNetwork(Map<String, String> properties) {
    Map<String, String> all = new HashMap<>(secrets());
    all.putAll(properties);
    networkUsed = true;
    return closing(harness.faults().network().connect(all));
  }

  /** A marked secret that every connection has (contract E4), of a backend that is not there. */
  public Map<String, String> secrets() {
    return Map.of("redis.password", transcript.markedSecret());
  }

  /** What the whole run showed so far. */
  public Transcript transcript() {
    return transcript;
  }

  /** Has it closed when the test ends, before what was opened earlier. */
  public <C extends AutoCloseable> C closing(C closeable) {
    synchronized (opened) {
      opened.push(closeable);
    }
    return closeable;
  }

  /** A name that nothing else has. */
  public String unique(String what) {
    return rule.toLowerCase(Locale.ROOT) + "-" + what + "-" + RUN + "-" + NUMBERS.incrementAndGet();
  }

  /** A new topic of text. */
  public Topic<String> topic(int partitions) {
    return topic(partitions, Codecs.utf8());
  }

  /** A new topic with this codec. */
  public <T extends @Nullable Object> Topic<T> topic(int partitions, Codec<T> codec) {
    String name = unique("topic");
    messaging().topics().create(name, partitions);
    return Topic.of(name, codec);
  }

  /**
   * A new topic of one partition, of which {@link BrokerHarness#trim} can remove messages; send
   * them one by one.
   */
  public Topic<String> trimmableTopic() {
    String name = unique("topic");
    connect(harness.trimmable()).topics().create(name, 1);
    return Topic.of(name, Codecs.utf8());
  }

  /** The same topic, its payloads as bytes. */
  public static Topic<byte[]> bytes(Topic<?> topic) {
    return Topic.of(topic.name(), Codecs.bytes());
  }

  /** A recording producer. */
  public Sender sender(Topic<String> topic) {
    return sender(messaging(), topic, UnaryOperator.identity());
  }

  /** A recording producer of this connection. */
  public Sender sender(
      Messaging messaging, Topic<String> topic, UnaryOperator<ProducerBuilder<String>> settings) {
    Producer<String> producer = closing(settings.apply(messaging.producer(topic)).open());
    return new Sender(this, topic.name(), producer);
  }

  /**
   * A recording member that pulls, of a group that starts at earliest unless the settings say else.
   */
  public Probe probe(Topic<String> topic, String group) {
    return probe(messaging(), topic, group, UnaryOperator.identity());
  }

  /** As {@link #probe(Topic, String)}, of this connection, with settings. */
  public Probe probe(
      Messaging messaging,
      Topic<String> topic,
      String group,
      UnaryOperator<ConsumerBuilder<String>> settings) {
    return Probe.open(this, messaging.consumer(topic).group(group), topic.name(), group, settings);
  }

  /** A recording member that pushes to this handler; it starts at earliest. */
  public Push push(
      Messaging messaging,
      Topic<String> topic,
      String group,
      UnaryOperator<SubscriptionBuilder<String>> settings,
      Push.Handler handler) {
    return Push.open(
        this, messaging.subscribe(topic).group(group), topic.name(), group, settings, handler);
  }

  /** A recording member as a reactive stream, whose subscriber has requested nothing yet. */
  public Stream stream(
      Messaging messaging,
      Topic<String> topic,
      String group,
      UnaryOperator<SubscriptionBuilder<String>> settings,
      Stream.Taking taking) {
    return Stream.open(this, messaging.subscribe(topic).group(group), group, settings, taking);
  }

  /** A member in a process of its own, or what looks like one; to be killed. */
  public Worker worker(Topic<?> topic, String group, UnaryOperator<WorkerSpec> settings) {
    return Worker.open(this, settings.apply(WorkerSpec.of(topic.name(), group)));
  }

  /** A new dead-letter topic. */
  public DeadLetterBox deadLetters() {
    return new DeadLetterBox(this);
  }

  /** Reads all that a topic has now, recording it. */
  public List<Received<String>> readAll(Topic<String> topic) {
    return readAll(messaging(), topic, UnaryOperator.identity());
  }

  /** As {@link #readAll(Topic)}, with settings. */
  public List<Received<String>> readAll(
      Messaging messaging, Topic<String> topic, UnaryOperator<ReaderBuilder<String>> settings) {
    return readAllAs(unique("reader"), messaging, topic, settings);
  }

  /** As {@link #readAll(Messaging, Topic, UnaryOperator)}, by a reader of this name. */
  public List<Received<String>> readAllAs(
      String name,
      Messaging messaging,
      Topic<String> topic,
      UnaryOperator<ReaderBuilder<String>> settings) {
    List<Received<String>> all = new ArrayList<>();
    try (Reader<String> reader = settings.apply(messaging.reader(topic)).untilEnd().open()) {
      long end = System.nanoTime() + timing().patience().toNanos();
      while (!reader.isAtEnd()) {
        if (System.nanoTime() > end) {
          throw new AssertionError(
              "a bounded read did not come to its end within "
                  + timing().patience()
                  + ", after "
                  + all.size()
                  + " messages");
        }
        for (Received<String> message : reader.readBatch(1000, Duration.ofMillis(100))) {
          Records.read(history, name, message);
          all.add(message);
        }
      }
    }
    return all;
  }

  /** Reads the next message of a reader within the patience, recording it. */
  public Received<String> readNext(Reader<String> reader, String name) {
    Optional<Received<String>> next = reader.read(timing().patience());
    Received<String> message =
        next.orElseThrow(
            () -> new AssertionError("no message to read within " + timing().patience()));
    Records.read(history, name, message);
    return message;
  }

  /**
   * States what is looked for, and looks.
   *
   * <p>Fails: with an {@link AssertionError} whose message starts with {@code what}.
   */
  public void verify(String what, Check check) {
    evidence.lookedFor(what);
    try {
      check.run();
    } catch (NotAvailableException e) {
      throw e;
    } catch (AssertionError | Exception e) {
      throw new AssertionError("not so: " + what + ": " + e.getMessage(), e);
    }
  }

  /** States what a checker looks for, and that it found nothing wrong. */
  public void verifyNone(String what, List<String> violations) {
    evidence.lookedFor(what);
    if (!violations.isEmpty()) {
      throw new AssertionError(
          "not so: "
              + what
              + ": "
              + violations.size()
              + " violations, the first: "
              + String.join("; ", violations.subList(0, Math.min(5, violations.size()))));
    }
  }

  /** Waits within the patience for something that has to happen. */
  public void await(String what, BooleanSupplier condition) {
    await(what, timing().patience(), condition);
  }

  /** Waits for something that has to happen within this limit. */
  public void await(String what, Duration limit, BooleanSupplier condition) {
    evidence.lookedFor(what);
    if (!history.await(condition, limit)) {
      throw new AssertionError("not so: " + what + " within " + limit);
    }
  }

  /**
   * Waits within the patience until a member has fetched so many messages. For who looks at what
   * comes together: a member hands out what it has, and that may come to it bit by bit.
   */
  public void awaitFetched(GroupMember member, int messages) {
    await(
        "a member fetches " + messages + " messages", () -> member.metrics().fetched() >= messages);
  }

  /**
   * Looks for a bounded time that something does not happen.
   *
   * @param what what must not happen, and why so long a look is enough
   */
  public void neverWithin(Duration time, String what, BooleanSupplier happened) {
    evidence.lookedFor("never: " + what);
    if (history.await(happened, time)) {
      throw new AssertionError("happened: " + what);
    }
  }

  /**
   * As {@link #neverWithin}, for the silence that this backend's deliveries fit into many times.
   */
  public void never(String what, BooleanSupplier happened) {
    neverWithin(timing().silence(), what, happened);
  }

  /** Calls what has to be refused, with this exception. */
  public <X extends Throwable> X refused(String what, Class<X> with, Check call) {
    evidence.lookedFor(what);
    try {
      call.run();
    } catch (Throwable thrown) {
      Throwable cause = unwrapped(thrown);
      if (with.isInstance(cause)) {
        evidence.refused();
        return with.cast(cause);
      }
      if (cause instanceof NotAvailableException e) {
        throw e;
      }
      throw new AssertionError(
          "not so: " + what + ": wanted " + with.getSimpleName() + ", got " + cause, cause);
    }
    throw new AssertionError(
        "not so: " + what + ": wanted " + with.getSimpleName() + ", nothing failed");
  }

  /** What a stage or a call really failed with. */
  public static Throwable unwrapped(Throwable thrown) {
    Throwable cause = thrown;
    while ((cause instanceof ExecutionException || cause instanceof CompletionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  /**
   * Waits within the patience for a stage that has to complete, and gives what it completed with.
   */
  public <T extends @Nullable Object> T complete(String what, CompletionStage<T> stage)
      throws Exception {
    evidence.lookedFor(what);
    try {
      return stage.toCompletableFuture().get(timing().patience().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("not so: " + what + ": undecided after " + timing().patience(), e);
    }
  }

  /** Does harm, recorded, with nothing asked of the moment. */
  public void fault(String name, Check harm) throws Exception {
    history.faultBegan(name);
    harm.run();
  }

  /**
   * Does harm in the middle: waits for a moment with a send undecided and a delivery unsettled, and
   * makes sure that it was one.
   */
  public void faultInTheMiddle(String name, Check harm) throws Exception {
    await(
        "a moment in the middle for: " + name,
        () -> history.undecidedSends() > 0 && history.unsettledHandings() > 0);
    var fault = history.faultBegan(name);
    harm.run();
    if (fault.unconfirmed() == 0 || fault.unsettled() == 0) {
      throw new AssertionError("the fault was not in the middle: " + fault);
    }
  }

  /** Records that harm ended. */
  public void faultEnded(String name) {
    history.record(nanos -> new Event.FaultEnded(nanos, name));
  }

  /**
   * A test that failed may have left some; closing would wait for it to end, and the next suffer.
   */
  private void endHarm() {
    if (networkUsed) {
      harness.faults().network().restore();
    }
    if (history.count(Event.FaultBegan.class) > 0) {
      try {
        harness.faults().startBroker();
      } catch (NotAvailableException e) {
        // then it was not killed
      }
    }
  }

  /** Closes everything, the last opened first. Fails: with the first failure, the rest with it. */
  @Override
  public void close() {
    endHarm();
    IllegalStateException failure = null;
    while (true) {
      AutoCloseable next;
      synchronized (opened) {
        next = opened.poll();
      }
      if (next == null) {
        break;
      }
      try {
        next.close();
      } catch (Exception e) {
        if (failure == null) {
          failure = new IllegalStateException("can't close " + next + ": " + e, e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
