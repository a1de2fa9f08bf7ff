package dev.isostream.engine.consume;

import dev.isostream.ClosedException;
import dev.isostream.MessagingException;
import dev.isostream.Position;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.EngineRuntime;
import dev.isostream.engine.MemberSettings;
import dev.isostream.engine.consume.LaneState.Phase;
import dev.isostream.engine.cursor.GroupRecord;
import dev.isostream.engine.errors.Errors;
import dev.isostream.engine.errors.Outage;
import dev.isostream.engine.publish.DuplicateFilter;
import dev.isostream.spi.Driver;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.DriverTraits;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.Lane;
import dev.isostream.spi.Place;
import dev.isostream.spi.SourceListener;
import dev.isostream.spi.SourceRecord;
import dev.isostream.spi.StoredCursor;
import java.time.Duration;
import java.util.List;
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
final class MemberLoop<T> implements EngineRuntime.Loop, SourceListener {

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
  private final DeadLetters<T> deadLetters;
  private @Nullable Outlet<T> outlet;
  private final @Nullable LeasedLanes<T> leased;
  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private final CompletableFuture<Void> stopped = new CompletableFuture<>();
  private boolean begun;
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

  // --- from any thread

  /** Completes when the group exists durably (contract G1). */
  CompletionStage<Void> ready() {
    return ready;
  }

  /** Whether nothing that is posted is looked at any more. */
  boolean hasEnded() {
    return ended;
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
    return drained;
  }

  /** Starts to end; {@link #stopped} completes when it has. */
  void end(Duration limit) {
    onLoop(() -> handover.beginEnd(limit));
  }

  // --- the loop

  @Override
  public boolean turn(long maxWaitNanos) {
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
    } catch (RuntimeException e) {
      fail(Errors.translate("running group \"" + settings.group() + "\"", e));
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

  // --- what the source tells

  @Override
  public void records(Lane lane, List<? extends SourceRecord> records) {
    LaneState<T> state = lanes.get(lane);
    if (state != null && state.phase == Phase.ACTIVE) {
      intake.accept(state, records);
    }
  }

  @Override
  public void ended(Lane lane) {
    LaneState<T> state = lanes.get(lane);
    if (state != null) {
      state.ended = true;
      committer.wantNow(state);
    }
  }

  @Override
  public void removed(Lane lane, Place earliest, @Nullable Position first) {
    LaneState<T> state = lanes.get(lane);
    if (state != null && state.phase == Phase.ACTIVE) {
      Position expected = state.expected();
      if (expected != null) {
        figures.gap(expected, earliest, state.dense());
        told.gap(lane.name(), expected, first);
      }
      if (state.isSettled()) {
        state.startAt(earliest);
        committer.wantNow(state);
      }
      source.read(lane, earliest);
    }
  }

  @Override
  public void assigned(Lane lane, @Nullable StoredCursor cursor) {
    if (ending) {
      return;
    }
    DuplicateFilter duplicates =
        traits.refusesDuplicates()
            ? null
            : new DuplicateFilter(context.driver().limits().duplicateWindow());
    LaneState<T> state = new LaneState<>(this, lane, duplicates);
    lanes.add(state);
    opener.open(state, cursor);
  }

  @Override
  public void revoking(Lane lane) {
    LaneState<T> state = lanes.get(lane);
    if (state != null) {
      handover.begin(state);
    } else {
      release(lane);
    }
  }

  @Override
  public void lost(Lane lane) {
    LaneState<T> state = lanes.get(lane);
    if (state != null) {
      handover.gone(state);
      told.lost(Set.of(lane.name()));
    }
  }

  @Override
  public boolean awaitReleases(Duration limit) {
    return handover.awaitReleases(limit);
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
      handover.gone(lane);
    }
    dispatcher.close();
    deadLetters.close();
    try {
      source.close();
    } catch (RuntimeException e) {
      told.failed(Errors.translate("leaving group \"" + settings.group() + "\"", e));
    }
    stuck.tick(nanoTime());
    figures.publish();
    MessagingException cause = failure;
    outlet().ended();
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
}
