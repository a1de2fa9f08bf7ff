package dev.isostream.engine.lease;

import dev.isostream.engine.EngineRuntime;
import dev.isostream.engine.lease.FairShare.Item;
import dev.isostream.engine.lease.FairShare.Standing;
import dev.isostream.engine.lease.OwnedLeases.Owned;
import dev.isostream.spi.Lane;
import dev.isostream.spi.LeaseStore;
import dev.isostream.spi.LeaseStore.Acquired;
import dev.isostream.spi.LeaseStore.Lease;
import dev.isostream.spi.LeaseStore.Table;
import dev.isostream.spi.StoredCursor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One member's part in dealing out lanes over leases: keeps what it has, takes what is free, asks
 * for its fair share, gives away what others are short of.
 *
 * <p>A lane is held from {@link Events#assigned} until {@link #released} or {@link Events#lost},
 * also while it is drained. Each failure is told and the request tried again; what a failure means
 * for the member is its own business.
 *
 * <p>Threads: confined to the member's loop, to which it posts. Blocks: never.
 */
public final class LeaseAssignor {

  private static final int TICKS_PER_TTL = 3;

  /** After something changed, so many looks at the table come so many times sooner. */
  private static final int QUICK_LOOKS = 8;

  private final LeaseStore store;
  private final String memberId;
  private final EngineRuntime runtime;
  private final long ttlNanos;
  private final long tickNanos;
  private final Events events;
  private final LeaseView view;
  private final OwnedLeases owned;
  private final Deque<Lease> toAcquire = new ArrayDeque<>();
  private final Deque<Lease> toWant = new ArrayDeque<>();
  private final RequestSlot listing;
  private final RequestSlot acquiring;
  private final RequestSlot wanting;
  private final RequestSlot leaving;

  private long nextDue = Long.MIN_VALUE;
  private long listDue = Long.MIN_VALUE;
  private long planDue = RequestSlot.NEVER;
  private int quickLooks = QUICK_LOOKS;
  private @Nullable String acquiringLane;
  private boolean retired;
  private boolean left;
  private @Nullable CompletableFuture<Void> closing;
  private long closeLimit = RequestSlot.NEVER;

  /**
   * What the assignor tells its member; called on the loop, from {@link #tick} or a posted task.
   */
  public interface Events {

    /**
     * The lane is this member's.
     *
     * @param cursor as stored; null where the group has none there
     */
    void assigned(Lane lane, @Nullable StoredCursor cursor);

    /**
     * Another member is to get the lane: stop handing out, drain, commit, then {@link #released}.
     */
    void revoking(Lane lane);

    /** The lane is another's, or may be by now. */
    void lost(Lane lane);

    /** A request failed; it is tried again. */
    void failed(Throwable failure);
  }

  /**
   * Makes an assignor, which does nothing before its first {@link #tick}.
   *
   * @param ttl how long a lease outlives its last renewal; the failover time is this and a third
   * @param post posts a task to the member's loop, from any thread
   */
  public LeaseAssignor(
      LeaseStore store,
      String memberId,
      EngineRuntime runtime,
      Duration ttl,
      Consumer<Runnable> post,
      Events events) {
    this.store = store;
    this.memberId = memberId;
    this.runtime = runtime;
    this.ttlNanos = ttl.toNanos();
    this.tickNanos = ttlNanos / TICKS_PER_TTL;
    this.events = events;
    this.view = new LeaseView(ttlNanos);
    Consumer<Runnable> posting = task -> post.accept(() -> changed(task));
    this.listing = new RequestSlot(runtime, posting, events::failed, "list leases", tickNanos);
    this.acquiring = new RequestSlot(runtime, posting, events::failed, "acquire", tickNanos);
    this.wanting = new RequestSlot(runtime, posting, events::failed, "ask for a lease", tickNanos);
    this.leaving = new RequestSlot(runtime, posting, events::failed, "leave", tickNanos);
    this.owned =
        new OwnedLeases(
            store,
            ttl,
            tickNanos,
            new RequestSlot(runtime, posting, events::failed, "renew leases", tickNanos),
            new RequestSlot(runtime, posting, events::failed, "release", tickNanos),
            this::gone,
            events::lost);
  }

  private void changed(Runnable task) {
    nextDue = Long.MIN_VALUE;
    task.run();
  }

  /**
   * Does what is due; cheap when nothing is.
   *
   * @param now {@link EngineRuntime#nanoTime}
   * @return when to call again at the latest; sooner after anything was posted
   */
  public long tick(long now) {
    if (now < nextDue) {
      return nextDue;
    }
    listing.expire(now);
    acquiring.expire(now);
    wanting.expire(now);
    leaving.expire(now);
    owned.tick(now);
    if (retired) {
      leave(now);
    } else {
      list(now);
      plan(now);
      acquire(now);
      want(now);
    }
    nextDue = Math.max(now, deadline());
    return nextDue;
  }

  /** The engine has drained and committed a lane: gives it up. */
  public void released(Lane lane) {
    owned.release(lane);
    nextDue = Long.MIN_VALUE;
  }

  /** The lanes that have a lease, as seen last; empty where none were seen yet. */
  public Set<String> listed() {
    Set<String> lanes = new HashSet<>();
    view.leases().forEach(lease -> lanes.add(lease.lane()));
    return lanes;
  }

  /** Looks at the table soon: something may have changed. */
  public void wake() {
    listDue = Long.MIN_VALUE;
    nextDue = Long.MIN_VALUE;
  }

  /**
   * Takes no more lanes, from now on, and no longer counts as a member; keeps renewing what it has
   * until that is released. For members that are closing and still drain.
   */
  public void retire() {
    retired = true;
    toAcquire.clear();
    toWant.clear();
    nextDue = Long.MIN_VALUE;
  }

  /**
   * Everything was drained: releases all and leaves. {@link #tick} must go on being called until
   * the stage completes, which it does within the ttl in any case; what could not be released goes
   * to others when it expires.
   */
  public CompletionStage<Void> close() {
    CompletableFuture<Void> done = closing;
    if (done == null) {
      done = new CompletableFuture<>();
      closing = done;
      closeLimit = runtime.nanoTime() + ttlNanos;
      retire();
      owned.all().forEach(mine -> owned.release(mine.lane));
    }
    return done.minimalCompletionStage();
  }

  private long deadline() {
    long due = Math.min(owned.due(), acquiring.due(wantedAt(!toAcquire.isEmpty())));
    if (retired) {
      due = Math.min(due, listing.due(RequestSlot.NEVER));
      due = Math.min(due, leaving.due(wantedAt(!left && !listing.isBusy())));
      return Math.min(due, closeLimit);
    }
    due = Math.min(due, listing.due(listDue));
    due = Math.min(due, wanting.due(wantedAt(!toWant.isEmpty())));
    return Math.min(due, planDue);
  }

  private static long wantedAt(boolean now) {
    return now ? Long.MIN_VALUE : RequestSlot.NEVER;
  }

  // --- looking

  private void list(long now) {
    if (now < listDue || !listing.isFree(now)) {
      return;
    }
    long interval = quickLooks > 0 ? tickNanos / QUICK_LOOKS : tickNanos;
    quickLooks = Math.max(0, quickLooks - 1);
    // A little less at random, so that members do not all look at once.
    listDue = now + interval - (long) (interval * 0.1 * runtime.random().nextDouble());
    listing.send(now, () -> store.list(memberId), this::listed, this::wake);
  }

  private void listed(Table table) {
    view.update(table, runtime.nanoTime());
    owned.compare(table, memberId);
    planDue = Long.MIN_VALUE;
  }

  private void lookSoon(long now) {
    quickLooks = QUICK_LOOKS;
    listDue = Math.min(listDue, now + tickNanos / QUICK_LOOKS);
  }

  private void gone(Owned mine) {
    view.outdate(mine.lane.name());
    lookSoon(runtime.nanoTime());
  }

  // --- deciding

  private void plan(long now) {
    if (now < planDue) {
      return;
    }
    Set<String> live = new HashSet<>(view.live(now));
    live.add(memberId);
    List<Item> items = new ArrayList<>();
    for (Lease lease : view.leases()) {
      items.add(item(lease, now));
    }
    FairShare share = FairShare.plan(items, live, memberId, runtime.random());
    planDue = view.nextExpiry(now, memberId);
    toAcquire.clear();
    toAcquire.addAll(share.acquire());
    toWant.clear();
    share.want().stream().filter(lease -> !memberId.equals(lease.wantedBy())).forEach(toWant::add);
    if (!toAcquire.isEmpty() || !toWant.isEmpty()) {
      lookSoon(now);
    }
    share.grant().forEach(this::grant);
  }

  private Item item(Lease lease, long now) {
    Owned mine = owned.get(lease.lane());
    if (mine != null) {
      return new Item(mine.lease(), mine.isLeaving() ? Standing.LEAVING : Standing.MINE);
    }
    if (lease.lane().equals(acquiringLane)) {
      return new Item(lease, Standing.MINE);
    }
    if (view.isOutdated(lease)) {
      return new Item(lease, Standing.UNKNOWN);
    }
    String owner = lease.owner();
    // What is this member's by the table but not by its own account was acquired by a request whose
    // answer got lost; nobody works on it.
    boolean free = owner == null || owner.equals(memberId);
    if (!free && !view.isExpired(lease, now)) {
      return new Item(lease, Standing.OTHERS);
    }
    long freeFor = view.unchangedNanos(lease, now) - (free ? 0 : ttlNanos);
    return new Item(lease, freeFor > 2 * tickNanos ? Standing.LEFT_OVER : Standing.FREE);
  }

  private void grant(String lane) {
    Owned mine = owned.get(lane);
    if (mine != null && !mine.isLeaving()) {
      mine.markRevoking();
      events.revoking(mine.lane);
    }
  }

  // --- taking, asking, leaving

  private void acquire(long now) {
    Lease next = toAcquire.peek();
    if (next == null || !acquiring.isFree(now)) {
      return;
    }
    toAcquire.poll();
    acquiringLane = next.lane();
    acquiring.send(
        now,
        () -> store.acquire(next, memberId),
        taken -> acquired(next, taken, now),
        () -> {
          acquiringLane = null;
          wake();
        });
  }

  private void acquired(Lease seen, @Nullable Acquired taken, long sentAt) {
    acquiringLane = null;
    if (taken == null) {
      view.outdate(seen.lane());
      return;
    }
    if (runtime.nanoTime() - sentAt >= ttlNanos) {
      // This member slept, and the lease with it.
      view.outdate(seen.lane());
      return;
    }
    Owned mine = owned.add(taken.lease(), sentAt);
    if (retired) {
      owned.release(mine.lane);
    } else {
      events.assigned(mine.lane, taken.cursor());
    }
  }

  private void want(long now) {
    Lease next = toWant.peek();
    if (next == null || !wanting.isFree(now)) {
      return;
    }
    toWant.poll();
    wanting.send(now, () -> store.want(next, memberId), nothing -> {}, this::wake);
  }

  private void leave(long now) {
    CompletableFuture<Void> done = closing;
    // An answer to a look still under way could leave a heartbeat behind.
    if (!left && leaving.isFree(now) && !listing.isBusy()) {
      leaving.send(now, () -> store.leave(memberId), nothing -> left = true, () -> {});
    }
    boolean over = left && owned.isEmpty() && !acquiring.isBusy();
    if (done != null && (over || now >= closeLimit)) {
      done.complete(null);
    }
  }
}
