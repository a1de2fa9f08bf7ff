package dev.isostream.spi;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A table of leases, one per lane of a group, for backends that deal lanes out to nobody. Every
 * write is conditional and atomic; who should own what is the engine's business. Asynchronous,
 * thread-safe.
 *
 * <p>The lease's epoch is the {@link Lane#epoch} of commits: a {@link GroupSource#commit} under an
 * older epoch fails with {@link ErrorKind#FENCED}.
 */
public interface LeaseStore {

  /**
   * All leases of the group, created where lanes are new; those whose parents have not ended are
   * left out, so that parents are read before children, and so are those that have ended.
   *
   * @param memberId of the caller, whose heartbeat this also is
   */
  CompletionStage<Table> list(String memberId);

  /**
   * Takes a lease as seen, if nothing about it has changed since; raises its epoch.
   *
   * @return null where another was faster
   */
  CompletionStage<@Nullable Acquired> acquire(Lease seen, String memberId);

  /**
   * Renews leases under their epochs; completes with those still held.
   *
   * <p>A backend that measures time by itself keeps them for this long from now; others count the
   * renewal, and members watch the count by their own clocks.
   */
  CompletionStage<List<Lease>> renew(List<Lease> leases, Duration ttl);

  /** Asks the owner to hand a lease over (a graceful move); a hint, overwritten by the next. */
  CompletionStage<Void> want(Lease seen, String memberId);

  /** Gives a lease up under its epoch; nothing happens where it is another's by now. */
  CompletionStage<Void> release(Lease lease);

  /** Removes a member's heartbeat. */
  CompletionStage<Void> leave(String memberId);

  /**
   * One lease.
   *
   * @param owner null where it is free
   * @param version changes with each acquire and renewal; an owner that lives makes it change
   * @param wantedBy the member that asks for it; null where none does
   */
  record Lease(
      String lane,
      boolean anchor,
      long epoch,
      long version,
      @Nullable String owner,
      @Nullable String wantedBy) {}

  /**
   * All leases, and the members that have a heartbeat with a version that changes while they live.
   */
  record Table(List<Lease> leases, List<Heartbeat> members) {
    public Table {
      leases = List.copyOf(leases);
      members = List.copyOf(members);
    }
  }

  /** A member's sign of life. */
  record Heartbeat(String memberId, long version) {}

  /**
   * A lease taken.
   *
   * @param cursor as stored; null where the group has none there
   */
  record Acquired(Lease lease, @Nullable StoredCursor cursor) {}
}
