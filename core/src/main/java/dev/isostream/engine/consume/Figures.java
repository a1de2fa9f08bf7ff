package dev.isostream.engine.consume;

import dev.isostream.MemberMetrics;
import dev.isostream.Position;
import dev.isostream.spi.Place;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * What a member counts: plain fields of the loop's, of which it makes a snapshot at the end of a
 * turn that changed any. Confined to the loop, but for {@link #published}.
 */
final class Figures<T> {

  private final MemberLoop<T> member;
  long fetched;
  long handedOut;
  long redelivered;
  long takenBack;
  long acked;
  long failedAttempts;
  long deadLettered;
  long discarded;
  long deadLettersFailed;
  long stuckReported;
  long gaps;
  long commitsFailed;
  long readsFailed;
  private long lost;
  private boolean lostUnknown;
  private long publishedChanges;
  private volatile Snapshot published =
      new Snapshot(
          0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, Duration.ZERO, 0, 0, 0, 0, OptionalLong.of(0), 0, 0);

  Figures(MemberLoop<T> member) {
    this.member = member;
  }

  /** The figures at one moment. */
  private record Snapshot(
      long fetched,
      long handedOut,
      long redelivered,
      long takenBack,
      long acked,
      long failedAttempts,
      long deadLettered,
      long discarded,
      long deadLettersFailed,
      long stuckReported,
      int stuckNow,
      Duration longestInHand,
      int inHand,
      int inFlightMessages,
      long inFlightBytes,
      long gaps,
      OptionalLong messagesLost,
      long commitsFailed,
      long readsFailed)
      implements MemberMetrics {}

  /** From any thread. */
  MemberMetrics published() {
    return published;
  }

  /** A gap; what was in it is known where offsets count messages. */
  void gap(Position expected, Place earliest, boolean dense) {
    gaps++;
    if (dense && earliest instanceof Place.At at) {
      lost += Math.max(0, at.position().word(0) - expected.word(0));
    } else {
      lostUnknown = true;
    }
  }

  /** Makes a snapshot, where anything has changed since the last. */
  void publish() {
    Snapshot last = published;
    long changes = changes();
    Duration longest = member.stuck().longestInHand();
    if (changes == publishedChanges
        && last.inHand == member.dispatcher().offered()
        && last.inFlightMessages == member.flow().openMessages()
        && last.inFlightBytes == member.flow().openBytes()
        && last.stuckNow == member.stuck().stuckNow()
        && last.longestInHand.equals(longest)) {
      return;
    }
    publishedChanges = changes;
    published =
        new Snapshot(
            fetched,
            handedOut,
            redelivered,
            takenBack,
            acked,
            failedAttempts,
            deadLettered,
            discarded,
            deadLettersFailed,
            stuckReported,
            member.stuck().stuckNow(),
            longest,
            member.dispatcher().offered(),
            member.flow().openMessages(),
            member.flow().openBytes(),
            gaps,
            lostUnknown ? OptionalLong.empty() : OptionalLong.of(lost),
            commitsFailed,
            readsFailed);
  }

  /** Differs where any counter does: they only grow. */
  private long changes() {
    return fetched
        + handedOut
        + takenBack
        + acked
        + failedAttempts
        + deadLettered
        + discarded
        + deadLettersFailed
        + stuckReported
        + gaps
        + commitsFailed
        + readsFailed;
  }
}
