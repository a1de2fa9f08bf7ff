package dev.isostream.engine.simulation;

import dev.isostream.Codecs;
import dev.isostream.Message;
import dev.isostream.Producer;
import dev.isostream.Receipt;
import dev.isostream.SendFailedException;
import dev.isostream.Topic;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.ProducerSettings;
import dev.isostream.engine.publish.Producers;
import dev.isostream.engine.simulation.History.GroupHistory;
import dev.isostream.engine.simulation.History.Send;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One run: a workload under faults, then quiet, then judgement. */
class Simulation {

  private static final long QUIET_MAX = 600 * Faults.SECOND;

  final long seed;
  final SimWorld world;
  final Shape shape;
  final Faults faults;
  final History history;
  final SimBroker broker;
  private final List<GroupPlan> plans = new ArrayList<>();
  private final List<SimHost> hosts = new ArrayList<>();
  private final List<Producer<String>> producers = new ArrayList<>();
  private final int keys;
  private final double keyless;
  private long chaosUntil;
  private long quietMax = QUIET_MAX;
  private int sending;
  private int undecided;
  private int sent;

  /** Of one kind of backend; how it appends is for the seed to say. */
  Simulation(long seed, Shape.Kind kind, Breakage breakage, boolean tracing) {
    this.seed = seed;
    this.world = new SimWorld(seed, tracing);
    this.shape = shape(kind);
    this.faults = Faults.random(world);
    this.history = new History(world);
    this.broker = new SimBroker(world, faults, shape, history, breakage);
    this.keys = (int) world.between(1, 12);
    this.keyless = world.chance(0.3) ? world.random().nextDouble() : 0.1;
  }

  private Shape shape(Shape.Kind kind) {
    boolean easy = world.chance(0.4);
    return Shape.of(kind, easy || world.chance(0.3), easy || world.chance(0.3));
  }

  /** For runs that are not expected to come to an end. */
  void shortQuiet() {
    quietMax = 60 * Faults.SECOND;
  }

  /** Runs; returns what went wrong. */
  List<String> run() {
    world.trace("seed %d, %s", seed, shape);
    broker.createTopic("orders", (int) world.between(1, 5));
    broker.createTopic("dead", (int) world.between(1, 2));
    makeGroups();
    makeProducers();
    chaosUntil = world.between(5, 40) * Faults.SECOND;
    world.after(null, world.between(0, 5 * Faults.SECOND), this::disturb);
    world.runUntil(() -> world.now() >= chaosUntil, chaosUntil);
    faults.stop();
    world.trace("quiet from now on");
    if (!world.runUntil(this::isAllDone, quietMax)) {
      unfinished();
    }
    hosts.forEach(SimHost::close);
    if (!world.runUntil(() -> hosts.stream().allMatch(SimHost::isClosed), quietMax)) {
      history.violation("F4", "members do not close");
    }
    return new Checkers(history, broker.topic("orders"), broker.topic("dead")).judge();
  }

  private boolean isAllDone() {
    return sending == 0
        && undecided == 0
        && broker.groups.values().stream().allMatch(SimGroup::isAllCovered);
  }

  /** For those who look for the reason: everything as it stands when it should be done. */
  void stuck(List<SimHost> members) {}

  private void unfinished() {
    stuck(hosts);
    if (undecided > 0) {
      history.violation("P3", undecided + " sends are not decided");
    }
    for (SimGroup group : broker.groups.values()) {
      if (!group.isAllCovered()) {
        List<SimRecord> open =
            group.topic.all.stream().filter(m -> !group.isCovered(m)).limit(5).toList();
        GroupHistory known = history.groups.get(group.name);
        history.violation(
            "D1",
            "group %s is stuck: %d of %d settled, not %s"
                .formatted(
                    group.name,
                    group.covered.size(),
                    group.topic.all.size(),
                    known == null ? open : open.stream().map(known::story).toList()));
      }
    }
  }

  // --- who takes part

  private void makeGroups() {
    long count = world.between(1, 3);
    for (int i = 0; i < count; i++) {
      GroupPlan plan = GroupPlan.random(world, "g" + i);
      plans.add(plan);
      history.groups.put(plan.name(), new GroupHistory(plan));
      broker.group("orders", plan.name());
      world.trace("group %s", plan);
    }
    long machines = world.between(1, 4);
    for (int i = 0; i < machines; i++) {
      List<GroupPlan> here = new ArrayList<>();
      for (GroupPlan plan : plans) {
        if (i == 0 || world.chance(0.6)) {
          here.add(plan);
          if (world.chance(0.15)) {
            here.add(plan);
          }
        }
      }
      SimHost host = new SimHost(broker, "h" + i, here);
      hosts.add(host);
      world.after(null, world.between(0, 3 * Faults.SECOND), host::start);
    }
  }

  private void makeProducers() {
    long count = world.between(1, 3);
    for (int i = 0; i < count; i++) {
      SimProcess process = new SimProcess(world, "producer" + i);
      SimDriver driver = new SimDriver(broker, process);
      EngineContext context =
          new EngineContext(driver, process, "producer" + i, Duration.ofSeconds(10), List.of());
      driver.answersAtOnce(true);
      Producer<String> producer =
          Producers.open(
              context,
              new ProducerSettings<>(
                  Topic.of("orders", Codecs.utf8()),
                  Duration.ofSeconds(world.between(1, 30)),
                  Duration.ofSeconds(1),
                  (int) world.between(1, 100),
                  1_000_000L));
      driver.answersAtOnce(false);
      producers.add(producer);
      sending++;
      long messages = world.between(5, 100);
      String name = "p" + i;
      long start = world.between(0, 5 * Faults.SECOND);
      world.after(process, start, () -> send(process, producer, name, 0, messages));
    }
  }

  private void send(
      SimProcess process, Producer<String> producer, String name, int number, long left) {
    if (left == 0) {
      sending--;
      return;
    }
    String key = world.chance(keyless) ? null : "k" + world.random().nextInt(keys);
    String id = name + "-" + number;
    Message<String> message = Message.of(id);
    Optional<CompletableFuture<Receipt>> sending =
        producer.trySend(key == null ? message : message.key(key));
    if (sending.isPresent()) {
      Send send = new Send(id, name, number, key);
      history.sends.put(id, send);
      undecided++;
      sent++;
      var unused = sending.get().whenComplete((receipt, failure) -> decided(send, failure));
    }
    boolean burst = world.chance(0.7);
    long wait = burst ? world.between(0, 2 * Faults.MILLI) : world.between(0, Faults.SECOND);
    boolean done = sending.isPresent();
    world.after(
        process,
        done ? wait : 10 * Faults.MILLI,
        () -> send(process, producer, name, done ? number + 1 : number, done ? left - 1 : left));
    if (!done && world.now() > chaosUntil + 300 * Faults.SECOND) {
      history.violation("P5", "no room for " + id);
    }
  }

  private void decided(Send send, @Nullable Throwable failure) {
    undecided--;
    if (failure == null) {
      send.confirmed = true;
    } else {
      send.failed = true;
      send.maybeStored = !(failure instanceof SendFailedException known) || known.isMaybeStored();
      world.trace("producer: %s failed: %s", send.id, failure);
    }
  }

  // --- faults

  private void disturb() {
    if (world.now() >= chaosUntil) {
      return;
    }
    SimHost host = hosts.get(world.random().nextInt(hosts.size()));
    int members = host.members.size();
    switch (world.random().nextInt(9)) {
      case 0 -> host.kill();
      case 1 -> host.pauseFor(world.between(1, 12_000) * Faults.MILLI);
      case 2, 3 -> host.renew(members == 0 ? 0 : world.random().nextInt(members));
      case 4, 5 -> rebalance();
      case 6 -> broker.crash(world.between(1, 3_000) * Faults.MILLI);
      case 7 -> {
        if (members > 0) {
          host.members.get(world.random().nextInt(members)).pause();
        }
      }
      default -> {
        if (shape.reshards()) {
          broker.reshard(broker.topic("orders"));
        }
      }
    }
    world.after(null, world.between(100, 8_000) * Faults.MILLI, this::disturb);
  }

  private void rebalance() {
    for (SimGroup group : broker.groups.values()) {
      if (shape.assigns() && world.chance(0.5)) {
        group.coordinator.rebalance();
      }
    }
  }

  int sent() {
    return sent;
  }
}
