package dev.isostream.conformance.scenario;

import dev.isostream.conformance.history.Event;
import dev.isostream.conformance.history.Event.Died;
import dev.isostream.conformance.history.Event.FaultBegan;
import dev.isostream.conformance.history.Event.Handed;
import dev.isostream.conformance.history.Event.How;
import dev.isostream.conformance.history.Event.Left;
import dev.isostream.conformance.history.Event.Lost;
import dev.isostream.conformance.history.Event.Outcome;
import dev.isostream.conformance.history.Event.Revoked;
import dev.isostream.conformance.history.Event.SettleDecided;
import dev.isostream.conformance.history.Event.SettleRequested;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says which handings of a recording were allowed to be repeated. Immutable once made.
 *
 * <p>A later handing of the same message repeats one of the same attempt, and is allowed to, if
 *
 * <ol>
 *   <li>the member of the first one had died by then, and no ack or dead letter of it was confirmed
 *       before (contract D1, G5);
 *   <li>the member of the first one lost the partition to another, which it may hear of later, and
 *       no ack or dead letter of it was ever confirmed (G7);
 *   <li>that member left, or gave the partition back, and had not asked for anything by then, or
 *       was told that it was too late (G4);
 *   <li>the first one was behind a nacked or dead-lettered one of its key in its batch, and nothing
 *       was asked for (O4);
 *   <li>the broker was killed meanwhile, and what was asked for had been confirmed within what the
 *       backend declares that such a crash may lose (D3); then also with a lower attempt.
 * </ol>
 *
 * <p>Where a nack was lost with its member, so was its count, and the same attempt comes again
 * (D5): that is what 1 and 2 say of anything but acks and dead letters.
 */
final class Repeats {

  /** All that is known of a handing; what never happened, happens last. */
  private static final class Fate {
    private final Handed handed;
    private final int at;
    private @Nullable How asked;
    private int askedAt = Integer.MAX_VALUE;
    private @Nullable Outcome outcome;
    private int decidedAt = Integer.MAX_VALUE;
    private long decidedNanos;
    private int diedAt = Integer.MAX_VALUE;
    private boolean lost;
    private int leftAt = Integer.MAX_VALUE;
    private boolean revoked;
    private boolean takenBack;

    Fate(Handed handed, int at) {
      this.handed = handed;
      this.at = at;
    }

    boolean isSettled() {
      return outcome == Outcome.DONE && asked != How.NACK;
    }
  }

  private final Map<Long, Fate> fates = new HashMap<>();
  private final Map<String, List<Fate>> byMember = new HashMap<>();
  private final List<Integer> kills = new ArrayList<>();
  private final List<Event> events;
  private final long ackLossNanos;
  private final boolean somethingBroke;

  Repeats(Recording recording) {
    this.events = recording.events();
    this.ackLossNanos = recording.ackLoss().toNanos();
    for (int at = 0; at < events.size(); at++) {
      add(events.get(at), at);
    }
    this.somethingBroke =
        !kills.isEmpty()
            || fates.values().stream().anyMatch(f -> f.lost || f.diedAt < Integer.MAX_VALUE);
  }

  private void add(Event event, int at) {
    if (event instanceof Handed handed) {
      Fate fate = new Fate(handed, at);
      fates.put(handed.handing(), fate);
      byMember.computeIfAbsent(handed.member(), member -> new ArrayList<>()).add(fate);
    } else if (event instanceof SettleRequested requested) {
      asked(fates.get(requested.handing()), requested.how(), at);
    } else if (event instanceof SettleDecided decided) {
      decided(fates.get(decided.handing()), decided, at);
    } else if (event instanceof Died died) {
      of(died.member()).forEach(fate -> fate.diedAt = Math.min(fate.diedAt, at));
    } else if (event instanceof Left left) {
      of(left.member()).forEach(fate -> fate.leftAt = Math.min(fate.leftAt, at));
    } else if (event instanceof Lost lost) {
      of(lost.member(), lost.partitions()).forEach(fate -> fate.lost = true);
    } else if (event instanceof Revoked revoked) {
      of(revoked.member(), revoked.partitions()).forEach(fate -> fate.revoked = true);
    } else if (event instanceof FaultBegan fault && fault.name().equals(Recording.BROKER_KILLED)) {
      kills.add(at);
    }
  }

  private void asked(@Nullable Fate fate, How how, int at) {
    if (fate == null) {
      return;
    }
    fate.asked = how;
    fate.askedAt = at;
    if (how != How.ACK && fate.handed.key() != null) {
      of(fate.handed.member()).stream()
          .filter(other -> isBehind(other.handed, fate.handed))
          .forEach(other -> other.takenBack = true);
    }
  }

  private static boolean isBehind(Handed other, Handed nacked) {
    return other.batch() == nacked.batch()
        && other.handing() > nacked.handing()
        && Objects.equals(other.key(), nacked.key());
  }

  private static void decided(@Nullable Fate fate, SettleDecided decided, int at) {
    if (fate != null) {
      fate.outcome = decided.outcome();
      fate.decidedAt = at;
      fate.decidedNanos = decided.nanos();
    }
  }

  private List<Fate> of(String member) {
    return byMember.getOrDefault(member, List.of());
  }

  private List<Fate> of(String member, Set<String> partitions) {
    return of(member).stream()
        .filter(fate -> partitions.contains(fate.handed.partition()))
        .toList();
  }

  /** What was asked for, in words. */
  String asked(long handing) {
    Fate fate = fates.get(handing);
    return fate == null || fate.asked == null ? "nothing" : fate.asked.toString();
  }

  /** Whether a member died or lost a partition, or the broker was killed. */
  boolean somethingBroke() {
    return somethingBroke;
  }

  /** Whether the first handing may be repeated by the second, of the same message. */
  boolean allowed(long first, long second) {
    Fate one = fates.get(first);
    Fate two = fates.get(second);
    if (one == null || two == null) {
      return false;
    }
    boolean sameAttempt = one.handed.attempt() == two.handed.attempt();
    return lostByBroker(one, two)
        || (sameAttempt && (lostByMember(one, two) || givenBack(one, two)));
  }

  private static boolean lostByMember(Fate one, Fate two) {
    boolean settledAlive = one.isSettled() && one.decidedAt < one.diedAt;
    return (one.diedAt < two.at && !settledAlive) || (one.lost && !one.isSettled());
  }

  private static boolean givenBack(Fate one, Fate two) {
    boolean untouched = one.askedAt > two.at;
    boolean left = one.leftAt < two.at || one.revoked;
    return (one.takenBack && one.asked == null)
        || (left && (untouched || one.outcome == Outcome.STALE));
  }

  private boolean lostByBroker(Fate one, Fate two) {
    return kills.stream()
        .anyMatch(
            kill ->
                one.decidedAt < kill
                    && kill < two.at
                    && events.get(kill).nanos() - one.decidedNanos <= ackLossNanos
                    && ackLossNanos > 0);
  }
}
