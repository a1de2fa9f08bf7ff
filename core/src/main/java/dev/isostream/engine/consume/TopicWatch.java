package dev.isostream.engine.consume;

import dev.isostream.TopicNotFoundException;
import dev.isostream.engine.errors.Errors;
import dev.isostream.spi.ErrorKind;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Notices that the topic is gone (contract E3): some clients wait for it to come back without a
 * word. While nothing is read it asks once in a while whether the topic is there, sooner after the
 * last lane went, and fails the member when it was told twice that it is not. Confined to the loop.
 */
final class TopicWatch<T> {

  private static final long QUIET_NANOS = Duration.ofSeconds(20).toNanos();
  private static final long AGAIN_NANOS = Duration.ofSeconds(2).toNanos();
  private static final int TELLING = 2;

  private final MemberLoop<T> member;
  private boolean begun;
  private boolean asking;
  private boolean hadLanes;
  private int missed;
  private long fetched;
  private long dueNanos;

  TopicWatch(MemberLoop<T> member) {
    this.member = member;
  }

  /** Asks if it is time; says when it is next. */
  long tick(long nowNanos) {
    if (asking || member.isEnding()) {
      return Long.MAX_VALUE;
    }
    long fetchedNow = member.figures().fetched;
    if (!begun || fetched != fetchedNow) {
      begun = true;
      fetched = fetchedNow;
      missed = 0;
      dueNanos = nowNanos + QUIET_NANOS;
    }
    boolean hasLanes = !member.lanes().active().isEmpty();
    if (hadLanes && !hasLanes) {
      dueNanos = Math.min(dueNanos, nowNanos + AGAIN_NANOS);
    }
    hadLanes = hasLanes;
    if (dueNanos <= nowNanos) {
      ask();
      return Long.MAX_VALUE;
    }
    return dueNanos;
  }

  private void ask() {
    asking = true;
    member
        .driver()
        .admin()
        .describeTopic(member.topicName())
        .whenComplete(
            (found, failure) ->
                member.onLoop(() -> answered(found != null && found.isEmpty(), failure)));
  }

  private void answered(boolean absent, @Nullable Throwable failure) {
    asking = false;
    boolean missing =
        absent || (failure != null && Errors.kindOf(failure) == ErrorKind.TOPIC_NOT_FOUND);
    // Once may be a broker that has just started and does not know yet.
    missed = missing ? missed + 1 : 0;
    dueNanos = member.nanoTime() + (missing ? AGAIN_NANOS : QUIET_NANOS);
    if (missed >= TELLING && !member.isEnding()) {
      member.fail(
          new TopicNotFoundException(
              "Topic \""
                  + member.topicName()
                  + "\" was deleted while group \""
                  + member.settings().group()
                  + "\" was reading it; create it again, then join it anew."));
    }
  }
}
