package dev.isostream.conformance.check;

import dev.isostream.Position;
import dev.isostream.conformance.history.Event;
import dev.isostream.conformance.history.Event.Handed;
import dev.isostream.conformance.history.Event.How;
import dev.isostream.conformance.history.Event.Reset;
import dev.isostream.conformance.history.Event.SettleRequested;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Judges the order in which a group was handed messages: none before every earlier one of its key
 * (or partition) is settled, or was handed out before it in the same batch (contract O1, O3, O4).
 * Stateless.
 */
@SuppressWarnings("NonApiType") // inside only: the order of the tree is used
public final class HandOut {

  /** One message as the group sees it. */
  private static final class State {
    boolean settled;
    long batch;
    @Nullable String id;
  }

  private HandOut() {}

  /** By key; messages without a key wait for none. */
  public static List<String> byKey(List<Event> events, String group) {
    return check(events, group, h -> h.key() == null ? null : h.partition() + "\u0000" + h.key());
  }

  /** By partition. */
  public static List<String> byPartition(List<Event> events, String group) {
    return check(events, group, Handed::partition);
  }

  private static List<String> check(
      List<Event> events, String group, Function<Handed, @Nullable String> chainOf) {
    Map<String, TreeMap<Position, State>> chains = everything(events, group, chainOf);
    Map<Long, State> handings = new HashMap<>();
    List<String> violations = new ArrayList<>();
    for (Event event : events) {
      if (event instanceof Handed h && h.group().equals(group)) {
        String chain = chainOf.apply(h);
        TreeMap<Position, State> states = chain == null ? null : chains.get(chain);
        State own = states == null ? null : states.get(h.position());
        if (states == null || own == null) {
          continue;
        }
        states.headMap(h.position(), false).values().stream()
            .filter(earlier -> !earlier.settled && earlier.batch != h.batch())
            .findFirst()
            .ifPresent(
                earlier -> violations.add(h.id() + " came before " + earlier.id + " was settled"));
        own.settled = false;
        own.batch = h.batch();
        handings.put(h.handing(), own);
      } else if (event instanceof SettleRequested r) {
        State state = handings.get(r.handing());
        if (state != null) {
          state.settled = r.how() != How.NACK;
          state.batch = -1;
        }
      } else if (event instanceof Reset r && r.group().equals(group)) {
        chains.values().forEach(c -> c.values().forEach(s -> s.settled = false));
      }
    }
    return violations;
  }

  /** All messages that were ever handed out, by chain and position, none settled. */
  private static Map<String, TreeMap<Position, State>> everything(
      List<Event> events, String group, Function<Handed, @Nullable String> chainOf) {
    Map<String, TreeMap<Position, State>> chains = new HashMap<>();
    for (Event event : events) {
      if (event instanceof Handed h && h.group().equals(group)) {
        String chain = chainOf.apply(h);
        if (chain != null) {
          State state = new State();
          state.id = h.id();
          state.batch = -1;
          chains.computeIfAbsent(chain, c -> new TreeMap<>()).putIfAbsent(h.position(), state);
        }
      }
    }
    return chains;
  }

  /** At most so many were in hand at once; says what the most was where it was more. */
  public static List<String> moreInHandThan(List<Event> events, String group, int most) {
    Set<Long> open = new HashSet<>();
    List<String> violations = new ArrayList<>();
    for (Event event : events) {
      if (event instanceof Handed h && h.group().equals(group)) {
        open.add(h.handing());
        if (open.size() > most) {
          violations.add(open.size() + " in hand at once, allowed are " + most);
        }
      } else if (event instanceof SettleRequested r) {
        open.remove(r.handing());
      }
    }
    return violations;
  }
}
