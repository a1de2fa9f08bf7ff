package dev.isostream.memory;

import dev.isostream.spi.Lane;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A member as its group sees it. Fields that change are guarded by the group's lock; they start
 * anew when the member joins again after it was given up.
 */
final class MemoryMember {

  private final String id;
  private final String host;
  private final Doorbell doorbell;
  private final long sessionNanos;
  private final long rebalanceNanos;

  /** What the member is to be told, in order. */
  final Deque<Notice> notices = new ArrayDeque<>();

  /** When it last gave a sign of life. */
  long lastSeen;

  /** Whether the group has given it up, or never had it. */
  boolean gone = true;

  MemoryMember(String id, String host, Doorbell doorbell, Duration session, Duration rebalance) {
    this.id = id;
    this.host = host;
    this.doorbell = doorbell;
    this.sessionNanos = session.toNanos();
    this.rebalanceNanos = rebalance.toNanos();
  }

  String id() {
    return id;
  }

  String host() {
    return host;
  }

  long sessionNanos() {
    return sessionNanos;
  }

  long rebalanceNanos() {
    return rebalanceNanos;
  }

  void tell(NoticeKind kind, Lane lane) {
    notices.add(new Notice(kind, lane));
    doorbell.ring();
  }

  void ring() {
    doorbell.ring();
  }

  /** What a member is told of a lane. */
  enum NoticeKind {
    ASSIGNED,
    REVOKING,
    LOST
  }

  /** One thing to tell. */
  record Notice(NoticeKind kind, Lane lane) {}
}
