package dev.isostream.engine.consume;

import dev.isostream.ClosedException;
import dev.isostream.MessagingException;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.EngineRuntime;
import dev.isostream.engine.MemberSettings;
import dev.isostream.engine.consume.LaneState.Phase;
import dev.isostream.engine.cursor.GroupRecord;
import dev.isostream.engine.errors.Errors;
import dev.isostream.engine.errors.Outage;
import dev.isostream.spi.Driver;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.DriverTraits;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.Lane;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The one owner of a member's state: delivers mail, does what is due, hands out, polls the source.
 *
 * <p>Everything in this package that says "confined to the loop" is called from {@link #turn} only.
 */
final class MemberLoop<T> implements EngineRuntime.Loop {

  private static final long POLL_MAX_NANOS = 500_000_000L;

  private final EngineContext context;
  private final MemberSettings<T> settings;
  private final GroupSource source;
  private final DriverTraits traits;
  private final Mailbox mailbox;
  private final Figures<T> figures = new Figures<>(this);
  private final Told told;
  private final LaneTable<T> lanes = new LaneTable<>();
  private final FlowControl<T> flow;
  private final Intake<T> intake;
  private final Settler<T> settler;
  private final Committer<T> committer;
  private final Dispatcher<T> dispatcher;
  private final LaneOpener<T> opener;
  private final StuckWatch<T> stuck;
  private final TopicWatch<T> topicWatch;
  private final SourcePoller<T> poller;
  private final Handover<T> handover;
  private final LaneEvents<T> events;
  private final DeadLetters<T> deadLetters;
  private @Nullable Outlet<T> outlet;
  private final @Nullable LeasedLanes<T> leased;
  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private final CompletableFuture<Void> stopped = new CompletableFuture<>();
  private boolean begun;

  /** The thread that is in a turn; read by that thread only, to know itself. */
  private @Nullable Thread turning;

  private volatile boolean paused;
  private volatile boolean ending;
  private volatile @Nullable MessagingException failure;
  private volatile boolean ended;

  MemberLoop(
      EngineContext context,
      MemberSettings<T> settings,
      GroupSource source,
      GroupRecord wanted,
      GroupSpec spec,
      DeadLetters<T> deadLetters) {
    this.context = context;
    this.settings = settings;
    this.source = source;
    this.traits = context.driver().traits();
    this.mailbox = new Mailbox(source::wakeup);
    this.told =
        new Told(
            settings.group() + " on " + settings.topic().name(),
            context.listeners(),
            settings.listeners(),
            figures,
            outage());
    this.flow = new FlowControl<>(this, context.driver().limits().openWindow());
    this.intake = new Intake<>(this);
    this.settler = new Settler<>(this);
    this.committer = new Committer<>(this);
    this.dispatcher = new Dispatcher<>(this, context.soloGate());
    this.opener = new LaneOpener<>(this, wanted);
    this.stuck = new StuckWatch<>(this);
    this.topicWatch = new TopicWatch<>(this);
    this.poller = new SourcePoller<>(this);
    this.handover = new Handover<>(this);
    this.events = new LaneEvents<>(this, opener, handover);
    this.deadLetters = deadLetters;
    this.leased = traits.assignsLanes() ? null : new LeasedLanes<>(this, context, spec);
  }

  // --- the pieces

  MemberSettings<T> settings() {
    return settings;
  }

  String topicName() {
    return settings.topic().name();
  }

  Driver driver() {
    return context.driver();
  }

  /** Tells this member's {@code Messaging} from all others in a note. */
  long instance() {
    return context.instance();
  }

  DriverTraits traits() {
    return traits;
  }

  GroupSource source() {
    return source;
  }

  Mailbox mailbox() {
    return mailbox;
  }

  Told told() {
    return told;
  }

  Figures<T> figures() {
    return figures;
  }

  StuckWatch<T> stuck() {
    return stuck;
  }

  /** What comes to pass with lanes, wherever that is known from. */
  LaneEvents<T> events() {
    return events;
  }

  LaneTable<T> lanes() {
    return lanes;
  }

  FlowControl<T> flow() {
    return flow;
  }

  Intake<T> intake() {
    return intake;
  }

  Settler<T> settler() {
    return settler;
  }

  Committer<T> committer() {
    return committer;
  }

  Dispatcher<T> dispatcher() {
    return dispatcher;
  }

  DeadLetters<T> deadLetters() {
    return deadLetters;
  }

  Outlet<T> outlet() {
    return Objects.requireNonNull(outlet, "started without an outlet");
  }

  /** How deliveries reach the application; set once, before the loop starts. */
  void outlet(Outlet<T> used) {
    this.outlet = used;
  }

  RandomGenerator random() {
    return context.runtime().random();
  }

  long nanoTime() {
    return context.runtime().nanoTime();
  }

  Instant now() {
    return context.runtime().now();
  }

  // --- from any thread

  /** Completes when the group exists durably (contract G1). */
  CompletionStage<Void> ready() {
    return ready;
  }

  /** Whether nothing that is posted is looked at any more. */
  boolean hasEnded() {
    return ended;
  }

  /** Whether the calling thread is in a turn: in a listener, or in what hangs on a settlement. */
  boolean isOwnThread() {
    return turning == Thread.currentThread();
  }

  /** Completes when the member has ended. */
  CompletableFuture<Void> stopped() {
    return stopped;
  }

  @Nullable MessagingException failure() {
    return failure;
  }

  boolean isPaused() {
    return paused;
  }

  /** Whether nothing is to be handed out now. */
  boolean isHalted() {
    return paused || ending;
  }

  boolean isEnding() {
    return ending;
  }

  /** Runs code on the loop. */
  void onLoop(Runnable code) {
    mailbox.post(code);
  }

  /** For something that is tried until it works. */
  Outage outage() {
    return new Outage(context.runtime());
  }

  /** Runs code on the loop, after a while. */
  void later(Duration delay, Runnable code) {
    context.runtime().schedule(delay, () -> onLoop(code));
  }

  /** Makes the loop look again. */
  void wake() {
    onLoop(() -> {});
  }

  void pause() {
    paused = true;
    onLoop(() -> outlet().takeBack());
  }

  void resume() {
    paused = false;
    onLoop(handover::resumed);
  }

  CompletionStage<Void> drain() {
    CompletableFuture<Void> drained = new CompletableFuture<>();
    paused = true;
    onLoop(
        () -> {
          outlet().takeBack();
          handover.awaitDrained(drained);
        });
    if (ended) {
      drained.complete(null);
    }
    return drained;
  }

  /** Starts to end; {@link #stopped} completes when it has. */
  void end(Duration limit) {
    onLoop(() -> handover.beginEnd(limit));
  }

  // --- the loop

  @Override
  public boolean turn(long maxWaitNanos) {
    turning = Thread.currentThread();
    try {
      if (!begun) {
        begun = true;
        opener.begin();
      }
      mailbox.deliverAll();
      long now = nanoTime();
      long next = tick(now);
      if (!ended) {
        poller.poll(
            now, next <= now ? 0 : Math.min(maxWaitNanos, Math.min(POLL_MAX_NANOS, next - now)));
      }
    } catch (DriverException e) {
      poller.failed(e);
    } catch (RuntimeException | Error e) {
      // Also errors: who closes the member waits for it to end.
      fail(Errors.translate("running group \"" + settings.group() + "\"", e));
    } finally {
      turning = null;
    }
    figures.publish();
    return !ended;
  }

  /** Does what is due; says when the next thing is. */
  long tick(long now) {
    long next = settler.tick(now);
    next = Math.min(next, stuck.tick(now));
    next = Math.min(next, topicWatch.tick(now));
    if (leased != null) {
      next = Math.min(next, leased.tick(now));
    }
    next = Math.min(next, flow.balance(now));
    outlet().pump();
    next = Math.min(next, outlet().deadline());
    next = Math.min(next, dispatcher.noteLonely(now));
    next = Math.min(next, handover.tick(now));
    committer.tick(now);
    return Math.min(next, committer.deadline());
  }

  // --- lanes

  /** A lane's start is known: reads it. */
  void activate(LaneState<T> lane) {
    if (lane.phase != Phase.OPENING) {
      return;
    }
    lane.phase = Phase.ACTIVE;
    source.read(lane.lane, lane.place);
    committer.wantNow(lane);
    told.assigned(Set.of(lane.lane.name()));
    if (lane.pinned) {
      opener.checkExists();
    }
  }

  /** Gives a lane back, drained and committed. */
  void release(Lane lane) {
    if (leased != null) {
      leased.released(lane);
    } else {
      source.release(lane);
    }
  }

  /** A lane that ended is settled to its end, durably. */
  void finished(LaneState<T> lane) {
    source.stop(lane.lane);
    handover.gone(lane);
    if (leased != null) {
      leased.released(lane.lane);
    }
  }

  /** The group exists durably, in all its partitions. */
  void groupExists() {
    ready.complete(null);
  }

  /** A commit came back. */
  void committed() {
    opener.checkExists();
    dispatcher.checkCleared();
    settler.committed();
    handover.tick(nanoTime());
  }

  // --- deliveries

  /** Another member of this process waits for nothing else to be in hand. */
  void recalled() {
    onLoop(dispatcher::giveWay);
  }

  // --- the end

  /** Stops by itself: the first reason counts. */
  void fail(MessagingException cause) {
    if (failure == null) {
      failure = cause;
      told.failed(cause);
    }
    ready.completeExceptionally(cause);
    handover.beginEnd(settings.drainLimit());
  }

  void setEnding() {
    ending = true;
    if (leased != null) {
      leased.retire();
    }
  }

  @Nullable LeasedLanes<T> leased() {
    return leased;
  }

  /** Everything is drained and stored, as far as could be: leaves. */
  void finish() {
    if (ended) {
      return;
    }
    ended = true;
    for (LaneState<T> lane : lanes.active()) {
      inAnyCase(() -> handover.gone(lane));
    }
    inAnyCase(handover::failDrains);
    inAnyCase(dispatcher::close);
    inAnyCase(deadLetters::close);
    inAnyCase(source::close);
    stuck.tick(nanoTime());
    figures.publish();
    MessagingException cause = failure;
    inAnyCase(outlet()::ended);
    if (cause != null) {
      stopped.completeExceptionally(cause);
    } else {
      ready.completeExceptionally(
          new ClosedException(
              "The member of group \""
                  + settings.group()
                  + "\" was closed before it had started."));
      stopped.complete(null);
    }
    mailbox.deliverAll();
  }

  /** A step of leaving: whatever becomes of it, the next ones follow. */
  private void inAnyCase(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException | Error e) {
      told.failed(Errors.translate("leaving group \"" + settings.group() + "\"", e));
    }
  }
}
