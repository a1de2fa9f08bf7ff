package dev.isostream.engine.consume;

import dev.isostream.AsyncMessageHandler;
import dev.isostream.Codec;
import dev.isostream.Codecs;
import dev.isostream.Consumer;
import dev.isostream.Delivery;
import dev.isostream.DeliveryPublisher;
import dev.isostream.Limits;
import dev.isostream.MemberListener;
import dev.isostream.MessageHandler;
import dev.isostream.Ordering;
import dev.isostream.Retry;
import dev.isostream.StartAt;
import dev.isostream.Subscription;
import dev.isostream.Topic;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.EngineRuntime;
import dev.isostream.engine.MemberSettings;
import dev.isostream.engine.testing.FakeDriver;
import dev.isostream.engine.testing.FakeGroupSource;
import dev.isostream.engine.testing.FakeLog;
import dev.isostream.spi.DriverTraits;
import dev.isostream.spi.Lane;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One member over a fake source, on the test's thread: nothing happens but what {@link #run} and
 * {@link #advance} let happen. The topic has one partition, {@code "0"}, unless a test adds
 * another.
 */
final class MemberBench implements EngineRuntime {

  static final Duration DRAIN_LIMIT = Duration.ofSeconds(10);

  final FakeDriver driver;
  final List<MemberListener> listeners = new ArrayList<>();

  /** What handlers' executors were given; run by {@link #work}. */
  final Queue<Runnable> tasks = new ArrayDeque<>();

  private final List<Loop> loops = new ArrayList<>();
  private final PriorityQueue<Entry> timers =
      new PriorityQueue<>(Comparator.comparingLong(Entry::at).thenComparingLong(Entry::number));
  private final RandomGenerator random;
  private long now = 1_000_000_000L;
  private long number;
  private long pace;
  private @Nullable RuntimeException startFailure;

  Retry retry = Retry.fixed(Duration.ofSeconds(1)).forever();
  Ordering ordering = Ordering.KEY;
  @Nullable String deadLetterTopic;
  int concurrency = 4;
  List<String> assigned = List.of("0");
  Codec<String> codec = Codecs.utf8();

  /** Two benches with one gate are one process. */
  SoloGate gate = new SoloGate();

  private record Entry(long at, long number, Runnable task) {}

  MemberBench() {
    this(FakeDriver.direct(), 7);
  }

  /** Two with different seeds are two processes. */
  MemberBench(DriverTraits traits, long seed) {
    this.random = new SplittableRandom(seed);
    this.driver =
        new FakeDriver(
            traits,
            Limits.builder()
                .maxMessageBytes(1000)
                .maxKeyBytes(100)
                .duplicateWindow(1000)
                .openWindow(1000)
                .build());
  }

  // --- members

  /** A consumer that has no partition yet. */
  CompletionStage<Consumer<String>> joining() {
    return Members.startPull(context(), settings()).member();
  }

  Consumer<String> pull() {
    return joined(Members.startPull(context(), settings()));
  }

  DeliveryPublisher<String> publisher(Executor executor) {
    return joined(Members.startPublisher(context(), settings(), executor));
  }

  Subscription push(MessageHandler<String> handler, Executor executor) {
    return joined(Members.startPush(context(), settings(), handler, executor));
  }

  Subscription pushAsync(AsyncMessageHandler<String> handler, Executor executor) {
    return joined(Members.startPushAsync(context(), settings(), handler, executor));
  }

  private <M> M joined(Joining<M> joining) {
    CompletionStage<M> member = joining.member();
    assigned.forEach(name -> source().assign(name, 1));
    run();
    return now(member);
  }

  private EngineContext context() {
    EngineContext own = driver.context(this);
    return new EngineContext(
        own.driver(),
        this,
        own.clientId(),
        own.requestTimeout(),
        own.listeners(),
        gate,
        own.instance());
  }

  private MemberSettings<String> settings() {
    return new MemberSettings<>(
        Topic.of("t", codec),
        "g",
        StartAt.earliest(),
        ordering,
        retry,
        deadLetterTopic,
        null,
        null,
        concurrency,
        1000,
        1_000_000,
        DRAIN_LIMIT,
        Duration.ofSeconds(60),
        listeners);
  }

  FakeGroupSource source() {
    return driver.group();
  }

  FakeLog log() {
    return driver.log();
  }

  /** Adds messages of one key. */
  void add(String key, String... payloads) {
    for (String payload : payloads) {
      log().add("0", key, payload, dev.isostream.Headers.empty());
    }
  }

  static Lane lane(long epoch) {
    return new Lane("0", epoch, true);
  }

  /** What a consumer is handed now. */
  List<Delivery<String>> receive(Consumer<String> member, int max) {
    CompletionStage<List<Delivery<String>>> asked = SimulatedMembers.receive(member, max);
    run();
    return now(asked);
  }

  /** The stage's value, which must be there. */
  static <V> V now(CompletionStage<V> stage) {
    if (!stage.toCompletableFuture().isDone()) {
      throw new AssertionError("not done");
    }
    return stage.toCompletableFuture().join();
  }

  // --- time and turns

  /** Lets everything happen that needs no time. */
  void run() {
    for (int i = 0; i < 10; i++) {
      for (Loop loop : List.copyOf(loops)) {
        if (!loop.turn(0)) {
          loops.remove(loop);
        }
      }
    }
  }

  /** Runs what handlers' executors were given, and what follows from it. */
  void work() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
    run();
  }

  void advance(Duration by) {
    long end = now + by.toNanos();
    run();
    for (Entry next = timers.peek(); next != null && next.at <= end; next = timers.peek()) {
      timers.remove(next);
      now = Math.max(now, next.at);
      next.task.run();
      run();
    }
    now = Math.max(now, end);
    run();
  }

  /** What starting a loop throws. */
  void startFails(RuntimeException failure) {
    startFailure = failure;
  }

  /** Time passes by so much each time that it is asked for: for code that waits in a loop. */
  void pace(Duration perQuestion) {
    pace = perQuestion.toNanos();
  }

  @Override
  public long nanoTime() {
    now += pace;
    return now;
  }

  @Override
  public Instant now() {
    return Instant.EPOCH.plusNanos(now);
  }

  @Override
  public RandomGenerator random() {
    return random;
  }

  @Override
  public Executor handlers() {
    return tasks::add;
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    Entry entry = new Entry(now + delay.toNanos(), number++, task);
    timers.add(entry);
    return () -> timers.remove(entry);
  }

  @Override
  public void start(String name, Loop loop) {
    RuntimeException failure = startFailure;
    if (failure != null) {
      throw failure;
    }
    loops.add(loop);
  }

  @Override
  public void close() {}
}
