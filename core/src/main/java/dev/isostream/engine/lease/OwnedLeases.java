package dev.isostream.engine.lease;

import dev.isostream.spi.Lane;
import dev.isostream.spi.LeaseStore;
import dev.isostream.spi.LeaseStore.Lease;
import dev.isostream.spi.LeaseStore.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The leases that one member has: renews them until they are released or lost. Confined to the
 * member's loop.
 */
final class OwnedLeases {

  private final LeaseStore store;
  private final Duration ttl;
  private final long ttlNanos;
  private final long tickNanos;
  private final RequestSlot renewing;
  private final RequestSlot releasing;
  private final Consumer<Owned> gone;
  private final Consumer<Lane> lost;
  private final Map<String, Owned> owned = new HashMap<>();
  private long renewDue = RequestSlot.NEVER;

  /**
   * Makes an empty set.
   *
   * @param gone told of each that was released or lost
   * @param lost told of each that was lost before it was to be released
   */
  OwnedLeases(
      LeaseStore store,
      Duration ttl,
      long tickNanos,
      RequestSlot renewing,
      RequestSlot releasing,
      Consumer<Owned> gone,
      Consumer<Lane> lost) {
    this.store = store;
    this.ttl = ttl;
    this.ttlNanos = ttl.toNanos();
    this.tickNanos = tickNanos;
    this.renewing = renewing;
    this.releasing = releasing;
    this.gone = gone;
    this.lost = lost;
  }

  /** One lease. */
  static final class Owned {

    final Lane lane;
    private Lease lease;
    private long renewedAt;
    private boolean revoking;
    private boolean releasing;

    private Owned(Lease lease, long renewedAt) {
      this.lane = new Lane(lease.lane(), lease.epoch(), lease.anchor());
      this.lease = lease;
      this.renewedAt = renewedAt;
    }

    /** As seen last. */
    Lease lease() {
      return lease;
    }

    /** Whether it is on its way to another member. */
    boolean isLeaving() {
      return revoking || releasing;
    }

    void markRevoking() {
      revoking = true;
    }
  }

  @Nullable Owned get(String lane) {
    return owned.get(lane);
  }

  boolean isEmpty() {
    return owned.isEmpty();
  }

  List<Owned> all() {
    return List.copyOf(owned.values());
  }

  /**
   * A lease was acquired.
   *
   * @param sentAt when it was asked for: from then on the ttl counts
   */
  Owned add(Lease lease, long sentAt) {
    Owned mine = new Owned(lease, sentAt);
    owned.put(lease.lane(), mine);
    renewDue = Math.min(renewDue, sentAt + tickNanos);
    return mine;
  }

  /** A lane was drained and committed. */
  void release(Lane lane) {
    Owned mine = owned.get(lane.name());
    if (mine != null && mine.lane.equals(lane)) {
      mine.releasing = true;
    }
  }

  void tick(long now) {
    renewing.expire(now);
    releasing.expire(now);
    for (Owned mine : all()) {
      if (now - mine.renewedAt >= ttlNanos) {
        drop(mine);
      }
    }
    renew(now);
    sendRelease(now);
  }

  long due() {
    boolean renews = false;
    boolean releases = false;
    long due = RequestSlot.NEVER;
    for (Owned mine : owned.values()) {
      due = Math.min(due, mine.renewedAt + ttlNanos);
      renews |= !mine.releasing;
      releases |= mine.releasing;
    }
    due = Math.min(due, renewing.due(renews ? renewDue : RequestSlot.NEVER));
    return Math.min(due, releasing.due(releases ? Long.MIN_VALUE : RequestSlot.NEVER));
  }

  private void renew(long now) {
    if (now < renewDue || !renewing.isFree(now)) {
      return;
    }
    List<Owned> asked = new ArrayList<>();
    List<Lease> leases = new ArrayList<>();
    for (Owned mine : owned.values()) {
      if (!mine.releasing) {
        asked.add(mine);
        leases.add(mine.lease);
      }
    }
    if (asked.isEmpty()) {
      renewDue = RequestSlot.NEVER;
      return;
    }
    renewDue = now + tickNanos;
    renewing.send(
        now,
        () -> store.renew(leases, ttl),
        held -> renewed(asked, held, now),
        () -> renewDue = Long.MIN_VALUE);
  }

  private void renewed(List<Owned> asked, List<Lease> held, long sentAt) {
    Map<String, Lease> still = new HashMap<>();
    held.forEach(lease -> still.put(lease.lane(), lease));
    for (Owned mine : asked) {
      Lease lease = still.get(mine.lane.name());
      if (lease != null && lease.epoch() == mine.lane.epoch()) {
        mine.lease = lease;
        mine.renewedAt = sentAt;
      } else {
        drop(mine);
      }
    }
  }

  private void sendRelease(long now) {
    if (!releasing.isFree(now)) {
      return;
    }
    for (Owned mine : owned.values()) {
      if (mine.releasing) {
        releasing.send(now, () -> store.release(mine.lease), nothing -> drop(mine), () -> {});
        return;
      }
    }
  }

  /** Compares with the table: what is another's by now was lost. */
  void compare(Table table, String memberId) {
    for (Lease lease : table.leases()) {
      Owned mine = owned.get(lease.lane());
      if (mine == null || lease.epoch() < mine.lane.epoch()) {
        continue;
      }
      if (lease.epoch() == mine.lane.epoch() && memberId.equals(lease.owner())) {
        mine.lease = lease;
      } else {
        drop(mine);
      }
    }
  }

  private void drop(Owned mine) {
    if (owned.remove(mine.lane.name(), mine)) {
      gone.accept(mine);
      if (!mine.releasing) {
        lost.accept(mine.lane);
      }
    }
  }
}
