package dev.isostream.conformance.check;

import dev.isostream.conformance.history.Event;
import dev.isostream.conformance.history.Event.Handed;
import dev.isostream.conformance.history.Event.Read;
import dev.isostream.conformance.history.Event.Sent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Judges the order in which a reader got what was sent (contract P2). Stateless. */
public final class Order {

  private Order() {}

  /**
   * Of one key and producer, a reader sees messages in the order of the calls; some may be missing,
   * none may be behind a later one, none may come twice.
   */
  public static List<String> ofKeysInReader(List<Event> events, String reader) {
    Map<String, Integer> calls = new HashMap<>();
    Map<String, Sent> sends = new HashMap<>();
    for (Event event : events) {
      if (event instanceof Sent sent) {
        calls.put(sent.id(), calls.size());
        sends.put(sent.id(), sent);
      }
    }
    List<String> violations = new ArrayList<>();
    Map<String, String> last = new HashMap<>();
    for (Event event : events) {
      if (event instanceof Read read && read.reader().equals(reader)) {
        Sent sent = sends.get(read.id());
        if (sent == null || sent.key() == null) {
          continue;
        }
        String before = last.put(sent.producer() + "/" + sent.key(), read.id());
        if (before != null && rank(calls, before) >= rank(calls, read.id())) {
          violations.add(read.id() + " of key " + sent.key() + " came behind " + before);
        }
      }
    }
    return violations;
  }

  /** As {@link #ofKeysInReader}, for the first time that each message was handed to a group. */
  public static List<String> ofKeysInGroup(List<Event> events, String group) {
    List<Event> asReads = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Event event : events) {
      if (event instanceof Sent) {
        asReads.add(event);
      } else if (event instanceof Handed h && h.group().equals(group) && seen.add(h.id())) {
        asReads.add(
            new Read(
                h.nanos(),
                h.topic(),
                group,
                h.id(),
                h.key(),
                h.partition(),
                h.position(),
                Instant.EPOCH,
                0));
      }
    }
    return ofKeysInReader(asReads, group);
  }

  private static int rank(Map<String, Integer> calls, String id) {
    return calls.getOrDefault(id, -1);
  }
}
