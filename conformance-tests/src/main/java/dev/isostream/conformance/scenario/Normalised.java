package dev.isostream.conformance.scenario;

import dev.isostream.conformance.history.Event;
import dev.isostream.conformance.history.Event.DeadLetterFound;
import dev.isostream.conformance.history.Event.Handed;
import dev.isostream.conformance.history.Event.Read;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What of a recording may not depend on the backend, as lines of text, so that a difference can be
 * read. Immutable.
 *
 * <p>In it, in this order: for each group, and anew after each reset, and for each key: every
 * attempt of every message in the order of handing out, with its content and what came of it; the
 * dead letters; what each reader read of each key. What has no key stands by itself. Not in it:
 * members, partitions, positions, times, the order between keys, and those handings of which {@link
 * Repeats} says that they were allowed to be repeated, and that were.
 */
public final class Normalised {

  private static final String KEYLESS = "-";

  private final List<String> lines;

  private Normalised(List<String> lines) {
    this.lines = List.copyOf(lines);
  }

  /** Of a recording; the same each time. */
  public static Normalised of(Recording recording) {
    Collector collector = new Collector(recording);
    recording.events().forEach(collector::add);
    return new Normalised(collector.lines());
  }

  /** All of it. */
  public List<String> lines() {
    return lines;
  }

  /**
   * The lines that only one of both has, {@code -} for this, {@code +} for that; else the first out
   * of order.
   */
  public List<String> differences(Normalised that) {
    List<String> found = new ArrayList<>();
    less(lines, that.lines).forEach(line -> found.add("- " + line));
    less(that.lines, lines).forEach(line -> found.add("+ " + line));
    for (int i = 0; found.isEmpty() && i < lines.size(); i++) {
      if (!lines.get(i).equals(that.lines.get(i))) {
        found.add("- in this place: " + lines.get(i));
        found.add("+ in this place: " + that.lines.get(i));
      }
    }
    return found;
  }

  private static List<String> less(List<String> all, List<String> those) {
    Map<String, Integer> left = new HashMap<>();
    those.forEach(line -> left.merge(line, 1, Integer::sum));
    return all.stream().filter(line -> left.merge(line, -1, Integer::sum) < 0).toList();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Normalised that && lines.equals(that.lines);
  }

  @Override
  public int hashCode() {
    return lines.hashCode();
  }

  @Override
  public String toString() {
    return String.join("\n", lines);
  }

  /** Gathers lines by section and key. Confined to one thread. */
  private static final class Collector {

    /** One of a key's handings, or nothing any more. */
    private static final class Slot {
      private final long handing;
      private boolean gone;

      Slot(long handing) {
        this.handing = handing;
      }
    }

    private final Map<String, String> topics;
    private final Repeats repeats;
    private final Map<String, Integer> stages = new HashMap<>();
    private final Map<String, List<Slot>> messages = new HashMap<>();
    private final Map<String, Map<String, List<Object>>> sections = new TreeMap<>();
    private final Map<Long, Handed> handings = new HashMap<>();
    private final Set<String> letters = new HashSet<>();

    Collector(Recording recording) {
      this.topics = recording.topics();
      this.repeats = new Repeats(recording);
    }

    void add(Event event) {
      if (event instanceof Handed handed) {
        add(handed);
      } else if (event instanceof DeadLetterFound letter) {
        add(letter);
      } else if (event instanceof Read read) {
        String section = "reader of " + topic(read.topic()) + ' ' + read.reader();
        put(section, read.key(), read.id(), read.id());
      } else if (event instanceof Event.Reset reset) {
        stages.merge(reset.group(), 1, Integer::sum);
      }
    }

    private String topic(String name) {
      return topics.getOrDefault(name, name);
    }

    private String stage(String group) {
      int resets = stages.getOrDefault(group, 0);
      return "group " + group + (resets == 0 ? "" : " after reset " + resets);
    }

    private void add(Handed handed) {
      handings.put(handed.handing(), handed);
      String section = stage(handed.group());
      List<Slot> before =
          messages.computeIfAbsent(section + ' ' + handed.id(), each -> new ArrayList<>());
      List<Slot> repeated =
          before.stream()
              .filter(slot -> !slot.gone && attempt(slot.handing) >= handed.attempt())
              .toList();
      if (repeated.stream().allMatch(slot -> repeats.allowed(slot.handing, handed.handing()))) {
        repeated.forEach(slot -> slot.gone = true);
      }
      Slot slot = new Slot(handed.handing());
      before.add(slot);
      put(section, handed.key(), handed.id(), slot);
    }

    private int attempt(long handing) {
      Handed handed = handings.get(handing);
      return handed == null ? 0 : handed.attempt();
    }

    /** A second copy of a dead letter is none, where something broke (contract D6). */
    private void add(DeadLetterFound letter) {
      String stage = stage(letter.group());
      String line = letter.id() + " | attempts " + letter.attempts() + " | " + letter.reason();
      boolean first = letters.add(stage + ' ' + letter.deadId() + ' ' + line);
      if (first || !repeats.somethingBroke()) {
        String id = letter.id();
        put("dead letters of " + stage, letter.key(), id, line);
      }
    }

    private void put(String section, @Nullable String key, String id, Object line) {
      // What has no key comes in no order, so it is sorted by what it is.
      String row = key == null ? KEYLESS + ' ' + id : "key " + key;
      sections
          .computeIfAbsent(section, each -> new TreeMap<>())
          .computeIfAbsent(row, each -> new ArrayList<>())
          .add(line);
    }

    List<String> lines() {
      List<String> lines = new ArrayList<>();
      sections.forEach(
          (section, rows) ->
              rows.values()
                  .forEach(
                      row ->
                          row.forEach(
                              line -> {
                                String text = text(line);
                                if (!text.isEmpty()) {
                                  lines.add(section + " | " + text);
                                }
                              })));
      return lines;
    }

    private String text(Object line) {
      if (line instanceof Slot slot) {
        Handed handed = handings.get(slot.handing);
        return slot.gone || handed == null
            ? ""
            : handed.id() + " | attempt " + handed.attempt() + " | " + repeats.asked(slot.handing);
      }
      return line.toString();
    }
  }
}
