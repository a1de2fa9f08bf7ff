package dev.isostream.engine.lease;

import dev.isostream.spi.LeaseStore.Heartbeat;
import dev.isostream.spi.LeaseStore.Lease;
import dev.isostream.spi.LeaseStore.Table;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a member last saw of the table, and since when, by its own clock, each lease and heartbeat
 * has not changed. Confined to the member's loop.
 */
final class LeaseView {

  private final long ttlNanos;
  private Map<String, Seen> leases = new HashMap<>();
  private Map<String, Beat> beats = new HashMap<>();

  LeaseView(long ttlNanos) {
    this.ttlNanos = ttlNanos;
  }

  /** A lease; {@code outdated} where it is known to have changed since it was seen. */
  private record Seen(Lease lease, long since, boolean outdated) {}

  private record Beat(long version, long since) {}

  /** Takes over a table that was received just now. */
  void update(Table table, long now) {
    Map<String, Seen> seen = new HashMap<>();
    for (Lease lease : table.leases()) {
      Seen before = leases.get(lease.lane());
      boolean same = before != null && !before.outdated && isSame(before.lease, lease);
      seen.put(lease.lane(), new Seen(lease, before != null && same ? before.since : now, false));
    }
    leases = seen;
    Map<String, Beat> heard = new HashMap<>();
    for (Heartbeat heartbeat : table.members()) {
      Beat before = beats.get(heartbeat.memberId());
      boolean same = before != null && before.version == heartbeat.version();
      heard.put(heartbeat.memberId(), same ? before : new Beat(heartbeat.version(), now));
    }
    beats = heard;
  }

  private static boolean isSame(Lease before, Lease now) {
    @Nullable String owner = before.owner();
    return before.epoch() == now.epoch()
        && before.version() == now.version()
        && (owner == null ? now.owner() == null : owner.equals(now.owner()));
  }

  /** A lease has changed since it was seen, it is not known how. */
  void outdate(String lane) {
    leases.computeIfPresent(lane, (name, seen) -> new Seen(seen.lease, seen.since, true));
  }

  /** Whether a lease has changed since it was seen. */
  boolean isOutdated(Lease lease) {
    Seen seen = leases.get(lease.lane());
    return seen == null || seen.outdated;
  }

  /** All leases, as seen last. */
  List<Lease> leases() {
    List<Lease> all = new ArrayList<>(leases.size());
    leases.values().forEach(seen -> all.add(seen.lease));
    all.sort((a, b) -> a.lane().compareTo(b.lane()));
    return all;
  }

  /** For how long a lease has been the same. */
  long unchangedNanos(Lease lease, long now) {
    Seen seen = leases.get(lease.lane());
    return seen == null ? 0 : now - seen.since;
  }

  /** Whether the owner has not renewed for so long that it knows that the lease is not its own. */
  boolean isExpired(Lease lease, long now) {
    return unchangedNanos(lease, now) >= ttlNanos;
  }

  /** The members with a heartbeat that changed of late, or that was seen for the first time. */
  Set<String> live(long now) {
    Set<String> live = new HashSet<>();
    beats.forEach(
        (member, beat) -> {
          if (now - beat.since < ttlNanos) {
            live.add(member);
          }
        });
    return live;
  }

  /** When the next lease or heartbeat of somebody else expires that has not yet. */
  long nextExpiry(long now, String memberId) {
    long next = RequestSlot.NEVER;
    for (Seen seen : leases.values()) {
      String owner = seen.lease.owner();
      if (owner != null && !owner.equals(memberId)) {
        next = sooner(next, seen.since + ttlNanos, now);
      }
    }
    for (Map.Entry<String, Beat> beat : beats.entrySet()) {
      if (!beat.getKey().equals(memberId)) {
        next = sooner(next, beat.getValue().since + ttlNanos, now);
      }
    }
    return next;
  }

  private static long sooner(long next, long at, long now) {
    return at > now ? Math.min(next, at) : next;
  }
}
