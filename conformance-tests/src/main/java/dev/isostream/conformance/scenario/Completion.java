package dev.isostream.conformance.scenario;

import dev.isostream.conformance.history.Event;
import dev.isostream.conformance.history.Event.Died;
import dev.isostream.conformance.history.Event.Handed;
import dev.isostream.conformance.history.Event.How;
import dev.isostream.conformance.history.Event.Outcome;
import dev.isostream.conformance.history.Event.SettleDecided;
import dev.isostream.conformance.history.Event.SettleRequested;
import dev.isostream.conformance.scenario.Scenario.PlannedGroup;
import dev.isostream.conformance.scene.Label;
import dev.isostream.conformance.scene.Scene;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Waits until groups are done with messages. Stateless. */
final class Completion {

  private final Scene scene;
  private final Scenario scenario;
  private final Function<PlannedGroup, String> topics;

  /**
   * For one play.
   *
   * @param topics the name that a group's topic has on the backend
   */
  Completion(Scene scene, Scenario scenario, Function<PlannedGroup, String> topics) {
    this.scene = scene;
    this.scenario = scenario;
    this.topics = topics;
  }

  /** Waits until the group has had some of a phase's messages. */
  void awaitSome(PlannedGroup group, int phase) {
    int some = names(group, phase, phase).size() / 3;
    scene.await(
        "a group is in the middle of its work", () -> lastAttempts(group, Set.of()).size() >= some);
  }

  /**
   * Waits until the groups are done with all messages of these phases: the last attempt of each was
   * had by a member that lives, and what was asked for then is decided.
   *
   * <p>Where it was decided, but the broker's answer was lost with the share, nobody hears of that;
   * so when everything has had its last attempt, a group that is not behind will do.
   */
  void await(Collection<PlannedGroup> groups, int from, int to) {
    Duration limit =
        scene
            .limits()
            .failoverTime()
            .plus(scene.limits().reconnectTime())
            .plus(scene.timing().patience());
    boolean decided =
        scene.history().await(() -> groups.stream().allMatch(g -> isDone(g, from, to)), limit);
    for (PlannedGroup group : groups) {
      Set<String> missing = missing(group, from, to, true);
      scene.verify(
          "every message has its last attempt, and is settled",
          () -> {
            if (!decided && !missing.isEmpty()) {
              throw new AssertionError(
                  "in group "
                      + group.name()
                      + " not within "
                      + limit
                      + ": "
                      + told(group, missing));
            }
          });
    }
  }

  /** All that was sent so far is of these phases, so a group that is done with them has no lag. */
  private boolean isDone(PlannedGroup group, int from, int to) {
    return missing(group, from, to, true).isEmpty()
        || (missing(group, from, to, false).isEmpty() && !isBehind(group));
  }

  private boolean isBehind(PlannedGroup group) {
    return scene
        .messaging()
        .groups()
        .describe(topics.apply(group), group.name())
        .map(told -> told.partitions().values().stream().anyMatch(lag -> lag.age() != null))
        .orElse(true);
  }

  private Set<String> missing(PlannedGroup group, int from, int to, boolean decided) {
    Set<String> missing = names(group, from, to);
    missing.removeAll(lastAttempts(group, decided ? Set.of(Outcome.DONE) : Set.of()));
    return missing;
  }

  /** What happened to these messages. */
  private String told(PlannedGroup group, Set<String> names) {
    StringBuilder text = new StringBuilder();
    Set<Long> handings = new HashSet<>();
    for (Event event : scene.history().events()) {
      boolean about =
          event instanceof Handed handed
              ? handed.group().equals(group.name())
                  && names.contains(Label.name(handed.id()))
                  && handings.add(handed.handing())
              : event instanceof SettleRequested requested
                  ? handings.contains(requested.handing())
                  : event instanceof SettleDecided decided && handings.contains(decided.handing());
      if (about) {
        text.append("\n  ").append(event);
      }
    }
    return names + text.toString();
  }

  private static Set<String> names(PlannedGroup group, int from, int to) {
    return group.topic().messages().stream()
        .filter(message -> message.phase() >= from && message.phase() <= to)
        .map(Planned::name)
        .collect(Collectors.toCollection(HashSet::new));
  }

  /**
   * What has had its last attempt since the last reset, with something asked for by a member that
   * lives or, where outcomes are given, with one of those.
   */
  private Set<String> lastAttempts(PlannedGroup group, Set<Outcome> outcomes) {
    Map<Long, Handed> handings = new HashMap<>();
    Map<Long, Event> last = new HashMap<>();
    for (Event event : scene.history().events()) {
      if (event instanceof Event.Reset reset && reset.group().equals(group.name())) {
        handings.clear();
        last.clear();
      } else if (event instanceof Handed handed && handed.group().equals(group.name())) {
        handings.put(handed.handing(), handed);
      } else if (event instanceof SettleRequested requested) {
        last.put(requested.handing(), requested);
      } else if (event instanceof SettleDecided decided) {
        last.put(decided.handing(), decided);
      } else if (event instanceof Died died) {
        forget(handings, last, died.member());
      }
    }
    Set<String> names = new HashSet<>();
    handings.forEach(
        (handing, handed) -> {
          String name = Label.name(handed.id());
          boolean isLast = handed.attempt() >= scenario.lastAttempt(group, name);
          if (isLast && passes(last.get(handing), outcomes)) {
            names.add(name);
          }
        });
    return names;
  }

  /** What a dead member had asked for, and has no answer to, does not count. */
  private static void forget(Map<Long, Handed> handings, Map<Long, Event> last, String member) {
    List<Long> open =
        handings.values().stream()
            .filter(handed -> handed.member().equals(member))
            .map(Handed::handing)
            .filter(handing -> !(last.get(handing) instanceof SettleDecided))
            .toList();
    open.forEach(last::remove);
  }

  private static boolean passes(@Nullable Event event, Set<Outcome> only) {
    if (event == null) {
      return false;
    }
    if (event instanceof SettleRequested requested && requested.how() == How.NACK) {
      return true; // a handler that throws is told nothing
    }
    return only.isEmpty()
        || (event instanceof SettleDecided decided && only.contains(decided.outcome()));
  }
}
