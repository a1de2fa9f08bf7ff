package dev.isostream.conformance.scene;

import dev.isostream.Messaging;
import dev.isostream.Position;
import dev.isostream.conformance.history.Event;
import dev.isostream.conformance.history.Event.Handed;
import dev.isostream.conformance.history.Event.How;
import dev.isostream.conformance.history.Event.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A member to be killed: in a JVM of its own where the backend can be reached from there, else one
 * of this JVM that the harness makes look dead. Records as a probe does.
 */
public final class Worker implements AutoCloseable {

  private static final Duration JVM_START = Duration.ofSeconds(60);

  /** How to reach it. */
  private interface Line {
    void tell(String line);

    void kill();

    void close();
  }

  private final Scene scene;
  private final WorkerSpec spec;
  private final String name;
  private final Map<Long, Long> handings = new ConcurrentHashMap<>();
  private final Map<Long, Long> numbers = new ConcurrentHashMap<>();
  private final List<String> problems = new CopyOnWriteArrayList<>();
  private volatile boolean joined;
  private volatile boolean closed;
  private boolean dead;
  private Line line = new NoLine();

  private Worker(Scene scene, WorkerSpec spec) {
    this.scene = scene;
    this.spec = spec;
    this.name = scene.unique("worker");
  }

  static Worker open(Scene scene, WorkerSpec spec) {
    Worker worker = new Worker(scene, spec);
    worker.line =
        scene
            .harness()
            .faults()
            .remote()
            .<Line>map(properties -> worker.inJvmOfItsOwn(properties))
            .orElseGet(worker::inThisJvm);
    scene.closing(worker);
    worker.line.tell(spec.line());
    scene.await(
        "a member in a process of its own joins",
        JVM_START,
        () -> worker.joined || !worker.problems.isEmpty());
    if (!worker.problems.isEmpty()) {
      throw new AssertionError("a member in a process of its own: " + worker.problems);
    }
    return worker;
  }

  private Line inJvmOfItsOwn(Map<String, String> properties) {
    SpareJvm jvm = SpareJvm.take(this::heard);
    Map<String, String> all = new HashMap<>(scene.secrets());
    all.putAll(properties);
    all.forEach((key, value) -> jvm.send("property " + key + " " + WorkerSpec.encode(value)));
    jvm.send("connect");
    return new Line() {
      @Override
      public void tell(String text) {
        jvm.send(text);
      }

      @Override
      public void kill() {
        jvm.kill();
      }

      @Override
      public void close() {
        jvm.close();
      }
    };
  }

  private Line inThisJvm() {
    Messaging messaging = scene.connect();
    MemberProgram program = new MemberProgram(messaging, this::heard);
    ExecutorService thread =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread made = new Thread(task, name);
              made.setDaemon(true);
              return made;
            });
    return new Line() {
      @Override
      public void tell(String text) {
        thread.execute(() -> program.obey(text));
      }

      @Override
      public void kill() {
        scene.harness().faults().abandon(messaging);
        thread.shutdownNow();
      }

      @Override
      public void close() {
        thread.shutdownNow();
      }
    };
  }

  /**
   * Also hears what the child's log says, which is not for it. What is heard is recorded before its
   * death is: it may come on several threads.
   */
  private synchronized void heard(String text) {
    if (dead) {
      return;
    }
    String[] words = text.split(" ", -1);
    switch (words[0]) {
      case "joined" -> {
        scene.history().record(nanos -> new Event.Joined(nanos, spec.group(), name));
        joined = true;
      }
      case "handed" -> handed(words);
      case "decided" -> decided(Long.parseLong(words[1]), Outcome.valueOf(words[2]));
      case "revoked" ->
          scene
              .history()
              .record(nanos -> new Event.Revoked(nanos, spec.group(), name, rest(words)));
      case "lost" ->
          scene.history().record(nanos -> new Event.Lost(nanos, spec.group(), name, rest(words)));
      case "closed" -> {
        scene.history().record(nanos -> new Event.Left(nanos, spec.group(), name));
        closed = true;
      }
      case "problem" -> problems.add(WorkerSpec.decode(words[1]));
      default -> {}
    }
  }

  private static Set<String> rest(String[] words) {
    return Arrays.stream(words).skip(1).collect(Collectors.toUnmodifiableSet());
  }

  private void handed(String[] words) {
    long handing = scene.history().number();
    long number = Long.parseLong(words[1]);
    numbers.put(handing, number);
    handings.put(number, handing);
    if (spec.acks()) {
      scene.history().record(nanos -> handedEvent(nanos, handing, words));
      scene.history().record(nanos -> new Event.SettleRequested(nanos, handing, How.ACK));
    } else {
      scene.history().record(nanos -> handedEvent(nanos, handing, words));
    }
  }

  private Handed handedEvent(long nanos, long handing, String[] words) {
    return new Handed(
        nanos,
        spec.topic(),
        spec.group(),
        name,
        handing,
        handing,
        WorkerSpec.decode(words[2]),
        words[3].equals("-") ? null : WorkerSpec.decode(words[3]),
        words[4],
        Position.parse(WorkerSpec.decode(words[5])),
        Integer.parseInt(words[6]));
  }

  private void decided(long number, Outcome outcome) {
    Long handing = handings.get(number);
    if (handing == null) {
      problems.add("settled what was not handed out: " + number);
      return;
    }
    scene.history().record(nanos -> new Event.SettleDecided(nanos, handing, outcome));
  }

  /** Its name in the history. */
  public String name() {
    return name;
  }

  /** What was handed to it so far. */
  public List<Handed> handed() {
    return scene.history().all(Handed.class, event -> event.member().equals(name));
  }

  /** Waits within the patience until so many were handed to it in all. */
  public List<Handed> awaitHanded(int messages) {
    return awaitHanded(messages, scene.timing().patience());
  }

  /** Waits within the limit until so many were handed to it in all. */
  public List<Handed> awaitHanded(int messages, Duration limit) {
    scene.await(
        "a member in a process of its own gets " + messages + " deliveries",
        limit,
        () -> handed().size() >= messages);
    return handed();
  }

  /** Waits within the patience for the first that passes. */
  public Handed awaitHanded(String what, Predicate<Handed> filter) {
    scene.await(what, () -> handed().stream().anyMatch(filter));
    return handed().stream().filter(filter).findFirst().orElseThrow();
  }

  /** Acks a handing and waits within the patience until that is decided. */
  public Outcome ack(Handed handing) {
    return settle(handing, How.ACK, "ack " + number(handing));
  }

  /** Nacks a handing and waits within the patience until that is decided. */
  public Outcome nack(Handed handing, Duration delay) {
    return settle(handing, How.NACK, "nack " + number(handing) + " " + delay.toMillis());
  }

  /**
   * Sends a handing to the dead-letter topic and waits within the patience until that is decided.
   */
  public Outcome deadLetter(Handed handing, String reason) {
    String command = "dead " + number(handing) + " " + WorkerSpec.encode(reason);
    return settle(handing, How.DEAD_LETTER, command);
  }

  private long number(Handed handing) {
    Long number = numbers.get(handing.handing());
    if (number == null) {
      throw new IllegalArgumentException("not handed to " + name + ": " + handing);
    }
    return number;
  }

  private Outcome settle(Handed handing, How how, String command) {
    scene.history().record(nanos -> new Event.SettleRequested(nanos, handing.handing(), how));
    line.tell(command);
    List<Event.SettleDecided> found = new ArrayList<>();
    scene.await(
        "a settlement in a process of its own is decided",
        () -> {
          found.addAll(
              scene
                  .history()
                  .all(Event.SettleDecided.class, e -> e.handing() == handing.handing()));
          return !found.isEmpty();
        });
    return found.get(0).outcome();
  }

  /** Kills it: SIGKILL where it has a process of its own. What it says afterwards is not heard. */
  public void kill() {
    scene.history().faultBegan("a member is killed");
    goDeaf();
    line.kill();
    scene.history().record(nanos -> new Event.Died(nanos, spec.group(), name));
  }

  /** Has it leave in good order, and waits within the patience. */
  public void leave() {
    line.tell("close");
    scene.await("a member in a process of its own leaves", () -> closed);
  }

  @Override
  public void close() {
    goDeaf();
    line.close();
  }

  /** Nothing is heard any more, nor being recorded, when this returns. */
  private synchronized void goDeaf() {
    dead = true;
  }

  private static final class NoLine implements Line {
    @Override
    public void tell(String text) {}

    @Override
    public void kill() {}

    @Override
    public void close() {}
  }
}
