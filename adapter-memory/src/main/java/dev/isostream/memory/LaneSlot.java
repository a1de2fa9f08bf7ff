package dev.isostream.memory;

import dev.isostream.spi.Lane;
import dev.isostream.spi.StoredCursor;
import org.jspecify.annotations.Nullable;

/**
 * One lane of a group: who has it, who gets it next, how far the group is. Guarded by the group's
 * lock.
 */
final class LaneSlot {

  final MemoryPartition partition;
  @Nullable StoredCursor cursor;

  /** Null where nobody has it. */
  @Nullable MemoryMember owner;

  /** As given to the owner. */
  @Nullable Lane lane;

  /** Whether the owner has been told that it has it. */
  boolean told;

  /** Whether the owner was asked to give it back. */
  boolean revoking;

  /** When it was asked. */
  long revokedAt;

  /** Who gets it from the owner; null where that is open. */
  @Nullable MemoryMember heir;

  LaneSlot(MemoryPartition partition) {
    this.partition = partition;
  }

  boolean isAnchor() {
    return partition.name().equals("0");
  }

  /** Who has it in the end, as planned so far. */
  @Nullable MemoryMember holder() {
    return revoking ? heir : owner;
  }

  boolean belongsTo(MemoryMember member, Lane asGiven) {
    return owner == member && asGiven.equals(lane);
  }

  /** Takes it from its owner, who has given it back, or is not asked. */
  void free() {
    owner = null;
    lane = null;
    told = false;
    revoking = false;
    heir = null;
  }

  void assign(MemoryMember member, long epoch) {
    free();
    owner = member;
    Lane given = new Lane(partition.name(), epoch, isAnchor());
    lane = given;
    member.tell(MemoryMember.NoticeKind.ASSIGNED, given);
  }

  /** Asks the owner to give it back, for another. */
  void revoke(MemoryMember by, Lane given, MemoryMember next, long now) {
    heir = next;
    if (!revoking) {
      revoking = true;
      revokedAt = now;
      by.tell(MemoryMember.NoticeKind.REVOKING, given);
    }
  }
}
