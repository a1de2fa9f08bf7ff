package dev.isostream.engine.simulation;

import dev.isostream.Codecs;
import dev.isostream.Consumer;
import dev.isostream.Delivery;
import dev.isostream.GroupMember;
import dev.isostream.MemberListener;
import dev.isostream.MessageInfo;
import dev.isostream.Settlement;
import dev.isostream.StaleDeliveryException;
import dev.isostream.StartAt;
import dev.isostream.Subscription;
import dev.isostream.Topic;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.MemberSettings;
import dev.isostream.engine.RecordInfo;
import dev.isostream.engine.consume.Joining;
import dev.isostream.engine.consume.Members;
import dev.isostream.engine.consume.SimulatedMembers;
import dev.isostream.engine.consume.SoloGate;
import dev.isostream.engine.errors.Errors;
import dev.isostream.engine.simulation.GroupPlan.Script;
import dev.isostream.engine.simulation.History.Attempt;
import dev.isostream.engine.simulation.History.Ending;
import dev.isostream.engine.simulation.History.GroupHistory;
import dev.isostream.engine.simulation.History.Outcome;
import dev.isostream.engine.simulation.History.Story;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** One member of a group with the application behind it. */
final class SimMember implements MemberListener {

  /** How deliveries reach the application. */
  enum Mode {
    PUSH,
    ASYNC,
    PULL
  }

  /** Thrown out of a handler whose process has just been killed. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  final String label;
  final GroupPlan plan;
  private final SimBroker broker;
  private final SimGroup group;
  private final SimWorld world;
  private final SimHost host;
  private final SimProcess process;
  private final Mode mode;
  private final GroupHistory history;
  private final EngineContext context;
  private final MemberSettings<String> settings;
  private @Nullable GroupMember member;
  private boolean closing;
  private long closingSince;
  private boolean closed;
  private int batches;
  private final Set<Delivery<String>> inHand = new LinkedHashSet<>();

  SimMember(
      SimBroker broker,
      SimHost host,
      SimProcess process,
      SoloGate gate,
      long instance,
      GroupPlan plan,
      int number) {
    this.broker = broker;
    this.world = broker.world;
    this.host = host;
    this.process = process;
    this.plan = plan;
    this.label = process.name() + "/" + plan.name() + "-" + number;
    this.group = broker.group("orders", plan.name());
    GroupHistory known = broker.history.groups.get(plan.name());
    if (known == null) {
      throw new IllegalStateException("No group " + plan.name());
    }
    this.history = known;
    Mode[] modes = Mode.values();
    this.mode = modes[world.random().nextInt(modes.length)];
    this.context =
        new EngineContext(
            new SimDriver(broker, process),
            process,
            label,
            Duration.ofSeconds(10),
            List.of(),
            gate,
            instance);
    this.settings =
        new MemberSettings<>(
            Topic.of("orders", Codecs.utf8()),
            plan.name(),
            plan.latest() ? StartAt.latest() : StartAt.earliest(),
            plan.ordering(),
            plan.retry(),
            plan.deadLetterTopic(),
            plan.exhausted(),
            null,
            plan.concurrency(),
            plan.maxInFlight(),
            1_000_000L,
            plan.drainLimit(),
            Duration.ofSeconds(60),
            List.of(this));
  }

  Mode mode() {
    return mode;
  }

  @Nullable GroupMember member() {
    return member;
  }

  boolean isClosed() {
    return closed;
  }

  // --- life

  void start() {
    switch (mode) {
      case PUSH -> join(Members.startPush(context, settings, this::handle, null));
      case ASYNC -> join(Members.startPushAsync(context, settings, this::handleAsync, null));
      case PULL -> joinPulling(Members.startPull(context, settings));
    }
  }

  private void join(Joining<Subscription> joining) {
    joining.member().whenComplete((made, failure) -> joined(made, failure));
  }

  private void joinPulling(Joining<Consumer<String>> joining) {
    joining
        .member()
        .whenComplete(
            (made, failure) -> {
              joined(made, failure);
              if (made != null) {
                receive(made);
              }
            });
  }

  private void joined(@Nullable GroupMember made, @Nullable Throwable failure) {
    if (process.isDead()) {
      return;
    }
    if (made == null) {
      world.trace("%s: could not join: %s", label, failure);
      if (!Errors.kindOf(rootOf(failure)).isRetriable() && !isUnavailable(failure)) {
        broker.history.violation("F5", label + " could not join: " + failure);
      }
      if (!closing) {
        world.after(process, Faults.SECOND, this::start);
      } else {
        closed = true;
      }
      return;
    }
    member = made;
    world.trace("%s: joined as %s", label, mode);
    if (history.readyAt < 0) {
      history.readyAt = world.now();
      history.firstNumber = group.topic.all.size();
    }
    made.stopped()
        .whenComplete(
            (nothing, stopFailure) -> {
              closed = true;
              world.trace("%s: stopped %s", label, stopFailure);
              if (world.now() - closingSince >= plan.drainLimit().toNanos()) {
                history.overran(label, closingSince);
              }
              if (stopFailure != null) {
                broker.history.violation("F5", label + " stopped by itself: " + stopFailure);
              }
            });
    if (closing) {
      close();
    }
  }

  private static Throwable rootOf(@Nullable Throwable failure) {
    Throwable at = failure == null ? new IllegalStateException() : failure;
    while (at.getCause() != null) {
      at = at.getCause();
    }
    return at;
  }

  private static boolean isUnavailable(@Nullable Throwable failure) {
    return failure != null && failure.toString().contains("BrokerUnavailable");
  }

  void close() {
    if (!closing) {
      closing = true;
      closingSince = world.now();
    }
    GroupMember made = member;
    if (made != null && !closed) {
      world.trace("%s: closing", label);
      var unused = SimulatedMembers.close(made, plan.drainLimit());
    }
  }

  void pause() {
    GroupMember made = member;
    if (made != null && !closed && !closing) {
      made.pause();
      world.after(process, world.between(1, 8_000) * Faults.MILLI, made::resume);
    }
  }

  // --- what the application does

  private void handle(Delivery<String> delivery) {
    Attempt attempt = handedOut(delivery, -1);
    attempt(delivery, attempt);
  }

  /** Does what the script says, at once. */
  private void attempt(Delivery<String> delivery, Attempt attempt) {
    Script script = plan.scriptOf(delivery.payload());
    if (script == Script.KILLER) {
      die();
    }
    if (fails(script, attempt)) {
      if (world.chance(0.5)) {
        settled(attempt, Outcome.FAILED, delivery, plan.retryDelayMillis() * Faults.MILLI);
        throw new IllegalStateException("simulated failure of " + delivery.payload());
      }
      nack(delivery, attempt);
    } else if (script == Script.CONDEMNED) {
      condemn(delivery, attempt);
    } else if (world.chance(0.3)) {
      ack(delivery, attempt);
      if (world.chance(0.1)) {
        again(delivery);
      }
    } else {
      settled(attempt, Outcome.ACKED, delivery, 0);
    }
  }

  private boolean fails(Script script, Attempt attempt) {
    return script == Script.POISON
        || (script == Script.FLAKY
            && failuresSoFar(attempt.story) < plan.failures(attempt.story.message.id()));
  }

  private static long failuresSoFar(Story story) {
    return story.attempts.stream().filter(a -> a.outcome == Outcome.FAILED).count();
  }

  private void die() {
    world.trace("%s: killed by its message", label);
    host.kill();
    throw new Killed();
  }

  private CompletionStage<Void> handleAsync(Delivery<String> delivery) {
    Attempt attempt = handedOut(delivery, -1);
    Script script = plan.scriptOf(delivery.payload());
    CompletableFuture<Void> done = new CompletableFuture<>();
    long most = script == Script.SLOW ? 8_000 : world.chance(0.3) ? 500 : 5;
    world.after(
        process,
        world.between(0, most * Faults.MILLI),
        () -> {
          try {
            attempt(delivery, attempt);
            done.complete(null);
          } catch (IllegalStateException e) {
            done.completeExceptionally(e);
          } catch (Killed e) {
            // Nobody is left to hear of it.
          }
        });
    return done;
  }

  // --- pull

  private void receive(Consumer<String> consumer) {
    if (closed || process.isDead()) {
      return;
    }
    SimulatedMembers.receive(consumer, (int) world.between(1, 20))
        .whenComplete(
            (batch, failure) -> {
              if (batch == null || process.isDead()) {
                return;
              }
              int number = batches++;
              long at = 0;
              boolean inOrder = world.chance(0.7);
              for (Delivery<String> delivery : batch) {
                Attempt attempt = handedOut(delivery, number);
                long most = plan.scriptOf(delivery.payload()) == Script.SLOW ? 8_000 : 20;
                long wait = world.between(0, most * Faults.MILLI);
                at = inOrder ? at + wait : wait;
                world.after(process, at, () -> attemptPulled(delivery, attempt));
              }
              world.after(process, world.between(0, 50 * Faults.MILLI), () -> receive(consumer));
            });
  }

  private void attemptPulled(Delivery<String> delivery, Attempt attempt) {
    Script script = plan.scriptOf(delivery.payload());
    try {
      if (script == Script.KILLER) {
        die();
      }
    } catch (Killed e) {
      return;
    }
    if (fails(script, attempt)) {
      nack(delivery, attempt);
    } else if (script == Script.CONDEMNED) {
      condemn(delivery, attempt);
    } else {
      ack(delivery, attempt);
    }
  }

  // --- settling

  private Attempt handedOut(Delivery<String> delivery, int batch) {
    if (process.isDead()) {
      throw new Killed();
    }
    SimRecord message = (SimRecord) ((RecordInfo) delivery).source();
    Story story = history.story(message);
    long epoch = epochOf(message);
    Attempt attempt = new Attempt(story, world.now(), delivery.attempt(), label, epoch, batch);
    story.attempts.add(attempt);
    world.trace("%s: got %s attempt %d epoch %d", label, message, delivery.attempt(), epoch);
    inHand.add(delivery);
    // Handlers whose share moved on are told so, and don't count any more.
    inHand.removeIf(held -> held.isRevoked() || held.isSettled());
    if (mode != Mode.PULL && inHand.size() > plan.concurrency()) {
      broker.history.violation(
          "F1", label + " has " + inHand.size() + " in hand, more than " + plan.concurrency());
    }
    return attempt;
  }

  private long epochOf(SimRecord message) {
    String lane = broker.shape.oneLane() ? SimTopic.QUEUE : message.in.name;
    SimLeases.Row row = group.row(lane);
    String owner = row.owner;
    return owner != null && owner.startsWith(label + "-") ? row.epoch : -1;
  }

  private void settled(Attempt attempt, Outcome outcome, Delivery<String> delivery, long delay) {
    inHand.remove(delivery);
    attempt.settledAt = world.now();
    if (delivery.isSettled()) {
      attempt.outcome = Outcome.TOO_LATE;
      return;
    }
    attempt.outcome = outcome;
    attempt.delay = delay;
    world.trace("%s: %s %s", label, outcome, attempt.story.message);
  }

  private void ack(Delivery<String> delivery, Attempt attempt) {
    settled(attempt, Outcome.ACKED, delivery, 0);
    watch(attempt, delivery.ack(), true);
  }

  private void nack(Delivery<String> delivery, Attempt attempt) {
    boolean byPolicy = world.chance(0.5);
    long delay = byPolicy ? plan.retryDelayMillis() : world.between(0, 3_000);
    settled(attempt, Outcome.FAILED, delivery, delay * Faults.MILLI);
    CompletionStage<Settlement> stage =
        byPolicy ? delivery.nack() : delivery.nack(Duration.ofMillis(delay));
    watch(attempt, stage, false);
  }

  private void condemn(Delivery<String> delivery, Attempt attempt) {
    settled(attempt, Outcome.CONDEMNED, delivery, 0);
    watch(attempt, delivery.deadLetter("as asked for"), true);
  }

  private void again(Delivery<String> delivery) {
    delivery
        .nack()
        .whenComplete(
            (settlement, failure) -> {
              if (settlement == Settlement.DONE) {
                broker.history.violation("D8", "settled twice: " + delivery.position());
              }
            });
  }

  private void watch(Attempt attempt, CompletionStage<Settlement> stage, boolean durably) {
    stage.whenComplete(
        (settlement, failure) -> {
          Story story = attempt.story;
          if (failure != null) {
            attempt.stale = true;
            if (!(failure instanceof StaleDeliveryException)) {
              broker.history.violation("D8", "settling " + story.message + " failed: " + failure);
            }
          } else if (settlement == Settlement.ALREADY_SETTLED) {
            attempt.outcome = Outcome.TOO_LATE;
          } else if (durably) {
            attempt.doneAt = world.now();
            if (!group.isCovered(story.message)) {
              broker.history.violation("D3", "said to be settled, and is not stored: " + story);
            }
          }
        });
  }

  // --- what the engine tells

  @Override
  public void deadLettered(MessageInfo message, int attempts, String reason) {
    ended(message, attempts, true);
  }

  @Override
  public void discarded(MessageInfo message, int attempts, String reason) {
    ended(message, attempts, false);
  }

  private void ended(MessageInfo message, int attempts, boolean deadLettered) {
    Story story = history.story((SimRecord) ((RecordInfo) message).source());
    world.trace("%s: %s %s", label, deadLettered ? "dead-lettered" : "discarded", story.message);
    story.endings.add(new Ending(world.now(), label, deadLettered, attempts));
  }
}
