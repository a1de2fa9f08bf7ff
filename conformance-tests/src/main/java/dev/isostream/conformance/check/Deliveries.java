package dev.isostream.conformance.check;

import dev.isostream.conformance.history.Event;
import dev.isostream.conformance.history.Event.Died;
import dev.isostream.conformance.history.Event.Handed;
import dev.isostream.conformance.history.Event.How;
import dev.isostream.conformance.history.Event.Left;
import dev.isostream.conformance.history.Event.Lost;
import dev.isostream.conformance.history.Event.Outcome;
import dev.isostream.conformance.history.Event.Reset;
import dev.isostream.conformance.history.Event.SendConfirmed;
import dev.isostream.conformance.history.Event.SettleDecided;
import dev.isostream.conformance.history.Event.SettleRequested;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Judges what a group was handed against what was sent and settled. Stateless. */
public final class Deliveries {

  private Deliveries() {}

  /** Every message whose send succeeded was handed to the group (contract D1). */
  public static List<String> losses(List<Event> events, String topic, String group) {
    Set<String> confirmed = new LinkedHashSet<>();
    Set<String> handed = new HashSet<>();
    for (Event event : events) {
      if (event instanceof SendConfirmed c && c.topic().equals(topic)) {
        confirmed.add(c.id());
      } else if (event instanceof Handed h && h.group().equals(group)) {
        handed.add(h.id());
      }
    }
    confirmed.removeAll(handed);
    return confirmed.stream().map(id -> id + " was confirmed and never handed out").toList();
  }

  /**
   * Every message whose send succeeded was settled for the group in the end: what was handed to a
   * member that died is not done with (contract D1).
   */
  public static List<String> neverSettled(List<Event> events, String topic, String group) {
    Set<String> confirmed = new LinkedHashSet<>();
    Map<Long, String> ids = new HashMap<>();
    Set<String> settled = new HashSet<>();
    for (Event event : events) {
      if (event instanceof SendConfirmed c && c.topic().equals(topic)) {
        confirmed.add(c.id());
      } else if (event instanceof Handed h && h.group().equals(group)) {
        ids.put(h.handing(), h.id());
      } else if (event instanceof SettleRequested r && r.how() != How.NACK) {
        String id = ids.get(r.handing());
        if (id != null) {
          settled.add(id);
        }
      }
    }
    confirmed.removeAll(settled);
    return confirmed.stream().map(id -> id + " was confirmed and never settled").toList();
  }

  /** What was settled durably did not come again, unless the group was reset (contract D3). */
  public static List<String> afterSettled(List<Event> events, String group) {
    Map<Long, Handed> handings = new HashMap<>();
    Map<Long, How> asked = new HashMap<>();
    Set<String> settled = new HashSet<>();
    List<String> violations = new ArrayList<>();
    for (Event event : events) {
      if (event instanceof Handed h && h.group().equals(group)) {
        handings.put(h.handing(), h);
        if (settled.contains(h.id())) {
          violations.add(h.id() + " came again to " + h.member() + " after it was settled");
        }
      } else if (event instanceof SettleRequested r) {
        asked.put(r.handing(), r.how());
      } else if (event instanceof SettleDecided d && d.outcome() == Outcome.DONE) {
        Handed handed = handings.get(d.handing());
        if (handed != null && asked.get(d.handing()) != How.NACK) {
          settled.add(handed.id());
        }
      } else if (event instanceof Reset r && r.group().equals(group)) {
        settled.clear();
      }
    }
    return violations;
  }

  /**
   * A message came again only if it was nacked, or its member died, left or lost its share with it
   * unsettled, or it was taken back behind a nacked one (contract G3, G4, G5).
   */
  public static List<String> unexcused(List<Event> events, String group) {
    Map<String, Handed> open = new HashMap<>();
    Map<Long, String> ids = new HashMap<>();
    List<String> violations = new ArrayList<>();
    for (Event event : events) {
      if (event instanceof Handed h && h.group().equals(group)) {
        Handed before = open.put(h.id(), h);
        ids.put(h.handing(), h.id());
        if (before != null) {
          violations.add(
              h.id() + " came to " + h.member() + " while " + before.member() + " had it");
        }
      } else if (event instanceof SettleRequested r && r.how() == How.NACK) {
        takeBack(open, ids.get(r.handing()), r.handing());
      } else if (event instanceof Died d) {
        open.values().removeIf(handed -> handed.member().equals(d.member()));
      } else if (event instanceof Left l) {
        open.values().removeIf(handed -> handed.member().equals(l.member()));
      } else if (event instanceof Lost l) {
        open.values()
            .removeIf(
                handed ->
                    handed.member().equals(l.member())
                        && l.partitions().contains(handed.partition()));
      } else if (event instanceof Reset r && r.group().equals(group)) {
        open.clear();
      }
    }
    return violations;
  }

  /** With the nacked one go the later ones of its key in its batch (contract O4). */
  private static void takeBack(Map<String, Handed> open, @Nullable String id, long handing) {
    Handed nacked = id == null ? null : open.get(id);
    if (nacked == null || nacked.handing() != handing) {
      return;
    }
    open.values()
        .removeIf(
            handed ->
                handed.batch() == nacked.batch()
                    && handed.handing() >= nacked.handing()
                    && java.util.Objects.equals(handed.key(), nacked.key()));
  }

  /** Each attempt is one more than the failures that were counted, deaths aside (contract D5). */
  public static List<String> attempts(List<Event> events, String group) {
    Map<String, Integer> failures = new HashMap<>();
    Map<Long, String> ids = new HashMap<>();
    List<String> violations = new ArrayList<>();
    for (Event event : events) {
      if (event instanceof Handed h && h.group().equals(group)) {
        ids.put(h.handing(), h.id());
        int wanted = failures.getOrDefault(h.id(), 0) + 1;
        if (h.attempt() != wanted) {
          violations.add(h.id() + " came as attempt " + h.attempt() + ", not " + wanted);
        }
      } else if (event instanceof SettleRequested r && r.how() == How.NACK) {
        String id = ids.get(r.handing());
        if (id != null) {
          failures.merge(id, 1, Integer::sum);
        }
      } else if (event instanceof Reset r && r.group().equals(group)) {
        failures.clear();
      }
    }
    return violations;
  }

  /**
   * Everything given up is found in the dead-letter topic, every copy under one id (contract D6).
   */
  public static List<String> deadLetters(List<Event> events, String group, Set<String> givenUp) {
    Map<String, Set<String>> found = new HashMap<>();
    for (Event event : events) {
      if (event instanceof Event.DeadLetterFound d && d.group().equals(group)) {
        found.computeIfAbsent(d.id(), id -> new HashSet<>()).add(d.deadId());
      }
    }
    List<String> violations = new ArrayList<>();
    for (String id : givenUp) {
      int copies = found.getOrDefault(id, Set.of()).size();
      if (copies != 1) {
        violations.add(id + " was given up and has " + copies + " dead-letter ids");
      }
    }
    for (String id : found.keySet()) {
      if (!givenUp.contains(id)) {
        violations.add(id + " is a dead letter and was never given up");
      }
    }
    return violations;
  }
}
