package dev.isostream.engine.simulation;

import dev.isostream.Header;
import dev.isostream.Ordering;
import dev.isostream.engine.simulation.History.Attempt;
import dev.isostream.engine.simulation.History.Ending;
import dev.isostream.engine.simulation.History.GroupHistory;
import dev.isostream.engine.simulation.History.Outcome;
import dev.isostream.engine.simulation.History.Send;
import dev.isostream.engine.simulation.History.Story;
import dev.isostream.engine.simulation.History.Tenure;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Judges a history. Pure: looks at what happened and changes nothing. */
final class Checkers {

  private final History history;
  private final SimTopic orders;
  private final SimTopic dead;
  private final List<String> found = new ArrayList<>();
  private final Map<String, SimRecord> firstCopies = new HashMap<>();

  Checkers(History history, SimTopic orders, SimTopic dead) {
    this.history = history;
    this.orders = orders;
    this.dead = dead;
    orders.all.forEach(message -> firstCopies.putIfAbsent(message.id(), message));
  }

  /** All violations, those found while it ran included. */
  List<String> judge() {
    found.addAll(history.violations);
    publishing();
    for (GroupHistory group : history.groups.values()) {
      loss(group);
      copies(group);
      order(group);
      settledOnce(group);
      attempts(group);
      delays(group);
      deadLetters(group);
    }
    return found;
  }

  private void violation(String rule, String what) {
    found.add(rule + ": " + what);
  }

  // --- P1, P2, P3

  private void publishing() {
    Map<String, Send> last = new HashMap<>();
    Set<String> seen = new HashSet<>();
    for (SimRecord message : orders.all) {
      Send send = history.sends.get(message.id());
      if (send == null) {
        violation("P", "stored and never sent: " + message);
        continue;
      }
      if (send.failed && !send.maybeStored) {
        violation("P3", "said not to be stored, and is: " + message);
      }
      // A failed send, or a copy, that lands late is left out by receivers; see copies().
      if (send.key != null && seen.add(send.id) && send.confirmed) {
        String series = send.producer + "/" + send.key;
        Send before = last.put(series, send);
        if (before != null && before.number > send.number) {
          violation("P2", before.id + " is stored before " + send.id);
        }
      }
    }
    for (Send send : history.sends.values()) {
      if (send.confirmed && !firstCopies.containsKey(send.id)) {
        violation("P1", "confirmed and not stored: " + send.id);
      }
      if (!send.confirmed && !send.failed) {
        violation("P3", "never decided: " + send.id);
      }
    }
  }

  // --- D1, D6

  private void loss(GroupHistory group) {
    for (SimRecord message : orders.all) {
      Send send = history.sends.get(message.id());
      boolean surely = send != null && send.confirmed && firstCopies.get(send.id) == message;
      boolean before = group.plan.latest() && message.number < group.firstNumber;
      if (!surely || before) {
        continue;
      }
      if (!isEnded(group, message.id())) {
        violation("D1", group.plan.name() + " lost " + group.story(message));
      }
    }
  }

  /** Whether any copy of it was acked, dead-lettered or discarded. */
  private boolean isEnded(GroupHistory group, String id) {
    for (Story story : group.stories.values()) {
      if (story.message.id().equals(id)) {
        boolean acked = story.attempts.stream().anyMatch(a -> a.outcome == Outcome.ACKED);
        if (acked || !story.endings.isEmpty()) {
          return true;
        }
      }
    }
    return false;
  }

  // --- P4

  /**
   * Within one tenure of a lane: an owner that takes over in mid-stream does not read the declared
   * window back yet, so that copies on both sides of a takeover, or of a split, are not judged.
   */
  private void copies(GroupHistory group) {
    Map<String, Story> shown = new HashMap<>();
    for (Story story : group.stories.values()) {
      for (Attempt attempt : story.attempts) {
        if (attempt.isOwners()) {
          String where = story.message.in.name + "/" + attempt.epoch;
          Story other = shown.put(story.message.id() + " in " + where, story);
          if (other != null && other != story) {
            violation("P4", group.plan.name() + " was shown two copies: " + other + ", " + story);
          }
        }
      }
    }
  }

  // --- O1, O3, O4

  private void order(GroupHistory group) {
    if (group.plan.ordering() == Ordering.NONE) {
      return;
    }
    Map<String, List<Story>> chains = new HashMap<>();
    for (Story story : group.stories.values()) {
      String chain = chainOf(group, story.message);
      if (chain != null) {
        List<Story> earlier = chains.computeIfAbsent(chain, c -> new ArrayList<>());
        for (Attempt attempt : story.attempts) {
          if (attempt.isOwners()) {
            order(group, earlier, attempt);
          }
        }
        earlier.add(story);
      }
    }
  }

  private static @Nullable String chainOf(GroupHistory group, SimRecord message) {
    return group.plan.ordering() == Ordering.PARTITION ? message.partition() : message.keyText();
  }

  private void order(GroupHistory group, List<Story> earlier, Attempt attempt) {
    for (Story story : earlier) {
      if (!isOver(story, attempt) && !mayBeLeftOut(story)) {
        violation(
            "O1",
            group.plan.name()
                + " was handed "
                + attempt.story
                + " "
                + attempt
                + " before the end of "
                + story);
        return;
      }
    }
  }

  /** Whether a message was over when a later one was handed out, as far as its owner could know. */
  private static boolean isOver(Story story, Attempt later) {
    if (story.coveredAt >= 0 && story.coveredAt <= later.at) {
      return true;
    }
    for (Attempt attempt : story.attempts) {
      boolean same = attempt.member.equals(later.member) && attempt.epoch == later.epoch;
      boolean ended = attempt.outcome == Outcome.ACKED && attempt.settledAt <= later.at;
      boolean sameBatch = later.batch >= 0 && attempt.batch == later.batch;
      if (same && (ended || sameBatch)) {
        return true;
      }
    }
    for (Ending ending : story.endings) {
      if (ending.member().equals(later.member) && ending.at() <= later.at) {
        return true;
      }
    }
    return false;
  }

  /** A second copy, or a failed send. */
  private boolean mayBeLeftOut(Story story) {
    Send send = history.sends.get(story.message.id());
    return send == null || !send.confirmed || firstCopies.get(send.id) != story.message;
  }

  // --- D3, G4, G5

  private void settledOnce(GroupHistory group) {
    for (Story story : group.stories.values()) {
      for (Attempt attempt : story.attempts) {
        if (!attempt.isOwners()) {
          continue;
        }
        if (story.coveredAt >= 0 && attempt.at > story.coveredAt) {
          violation("D3", group.plan.name() + " was handed again what is settled: " + story);
        }
        Tenure tenure = group.tenure(story.message, attempt.epoch);
        boolean acked = attempt.outcome == Outcome.ACKED && !attempt.stale;
        if (acked && tenure != null && tenure.inGoodOrder && attempt.settledAt <= tenure.to) {
          boolean stored = story.coveredAt >= 0 && story.coveredAt <= tenure.to;
          if (!stored) {
            violation("G4", group.plan.name() + " left in good order without storing " + story);
          }
        }
      }
    }
  }

  // --- D5, D11

  private void attempts(GroupHistory group) {
    for (Story story : group.stories.values()) {
      Attempt before = null;
      for (Attempt attempt : story.attempts) {
        if (attempt.isOwners()) {
          if (attempt.number > 1 + failures(group, story, attempt.at, attempt)) {
            violation("D5", group.plan.name() + " counted too many: " + story);
          }
          if (before != null && !isContinued(group, before, attempt)) {
            violation("D5", group.plan.name() + " counted wrong: " + story);
          }
          before = attempt;
        }
      }
    }
  }

  /**
   * How many failures an owner may count before this time: what the application failed, and deaths
   * of owners that had it in hand alone, or had noted that they would.
   */
  private static int failures(GroupHistory group, Story story, long at, @Nullable Attempt upTo) {
    int count = group.convictions(story.message, at);
    for (Attempt attempt : story.attempts) {
      if (attempt == upTo) {
        break;
      }
      count += attempt.outcome == Outcome.FAILED ? 1 : 0;
    }
    return count;
  }

  private static boolean isContinued(GroupHistory group, Attempt before, Attempt attempt) {
    int exact = before.number + (before.outcome == Outcome.FAILED ? 1 : 0);
    boolean same = before.member.equals(attempt.member) && before.epoch == attempt.epoch;
    if (same) {
      return attempt.number == exact;
    }
    Tenure tenure = group.tenure(before.story.message, before.epoch);
    boolean inGoodOrder = tenure != null && tenure.inGoodOrder && before.diedAt < 0;
    boolean over =
        before.outcome != Outcome.OPEN && before.settledAt < (tenure == null ? 0 : tenure.to);
    return !inGoodOrder || !over || attempt.number >= exact;
  }

  // --- D4

  private void delays(GroupHistory group) {
    for (Story story : group.stories.values()) {
      Attempt before = null;
      for (Attempt attempt : story.attempts) {
        if (!attempt.isOwners()) {
          continue;
        }
        if (before != null && before.outcome == Outcome.FAILED && !before.stale) {
          Tenure tenure = group.tenure(story.message, before.epoch);
          boolean same = before.member.equals(attempt.member) && before.epoch == attempt.epoch;
          boolean handedOver = tenure != null && tenure.inGoodOrder && before.settledAt < tenure.to;
          long due = before.settledAt + before.delay - (same ? 0 : Faults.MILLI);
          if ((same || handedOver) && attempt.at < due) {
            violation("D4", group.plan.name() + " did not wait: " + story);
          }
        }
        before = attempt;
      }
    }
  }

  // --- D6, D11

  private void deadLetters(GroupHistory group) {
    Map<String, List<SimRecord>> bySource = new HashMap<>();
    for (SimRecord letter : dead.all) {
      if (group.plan.name().equals(header(letter, "isostream-dead-group"))) {
        String source = header(letter, "isostream-dead-position");
        bySource.computeIfAbsent(source, s -> new ArrayList<>()).add(letter);
      }
    }
    for (Story story : group.stories.values()) {
      List<SimRecord> letters = bySource.remove(story.message.position().toString());
      boolean told = story.endings.stream().anyMatch(Ending::deadLettered);
      if (told && letters == null) {
        violation("D6", group.plan.name() + " has no dead letter for " + story);
      }
      if (letters != null) {
        letters.forEach(letter -> same(group, story, letter));
        deserved(group, story);
      }
      for (Ending ending : story.endings) {
        if (!ending.deadLettered()) {
          deserved(group, story);
        }
      }
    }
    if (!bySource.isEmpty()) {
      violation("D6", group.plan.name() + " has dead letters of nothing: " + bySource.keySet());
    }
  }

  private void same(GroupHistory group, Story story, SimRecord letter) {
    String id = group.plan.name() + "@" + story.message.position();
    boolean same =
        letter.id().equals(story.message.id())
            && java.util.Arrays.equals(letter.key(), story.message.key())
            && id.equals(header(letter, "isostream-dead-id"));
    if (!same) {
      violation("D6", group.plan.name() + " changed " + story + " into " + letter);
    }
  }

  /** It was asked for, or as many attempts failed, or may have, as the group allows. */
  private void deserved(GroupHistory group, Story story) {
    for (Attempt attempt : story.attempts) {
      if (attempt.outcome == Outcome.CONDEMNED) {
        return;
      }
    }
    int failed = failures(group, story, Long.MAX_VALUE - 1, null);
    if (failed < group.plan.maxAttempts()) {
      violation("D11", group.plan.name() + " gave up an innocent message: " + story);
    }
  }

  private static String header(SimRecord message, String name) {
    for (Header header : message.headers().asList()) {
      byte[] value = header.value();
      if (header.name().equals(name) && value != null) {
        return new String(value, StandardCharsets.UTF_8);
      }
    }
    return "";
  }
}
