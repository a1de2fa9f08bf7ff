package dev.isostream.conformance.check;

import dev.isostream.conformance.history.Event;
import dev.isostream.conformance.history.Event.Read;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Judges whether reading again gave the same (contract R2). Stateless. */
public final class Replay {

  private Replay() {}

  /** In each partition the same messages, positions, timestamps and contents, in the same order. */
  public static List<String> differences(List<Event> events, String first, String second) {
    Map<String, List<Read>> one = byPartition(events, first);
    Map<String, List<Read>> two = byPartition(events, second);
    List<String> found = new ArrayList<>();
    if (!one.keySet().equals(two.keySet())) {
      found.add("other partitions: " + one.keySet() + " and " + two.keySet());
      return found;
    }
    one.forEach(
        (partition, reads) ->
            compare(partition, reads, two.getOrDefault(partition, List.of()), found));
    return found;
  }

  private static void compare(
      String partition, List<Read> one, List<Read> two, List<String> found) {
    if (one.size() != two.size()) {
      found.add("partition " + partition + ": " + one.size() + " messages, then " + two.size());
    }
    for (int i = 0; i < Math.min(one.size(), two.size()); i++) {
      Read a = one.get(i);
      Read b = two.get(i);
      boolean same =
          a.id().equals(b.id())
              && a.position().equals(b.position())
              && a.timestamp().equals(b.timestamp())
              && a.contentHash() == b.contentHash();
      if (!same) {
        found.add("partition " + partition + ", message " + i + ": " + a + ", then " + b);
      }
    }
  }

  private static Map<String, List<Read>> byPartition(List<Event> events, String reader) {
    Map<String, List<Read>> reads = new LinkedHashMap<>();
    for (Event event : events) {
      if (event instanceof Read read && read.reader().equals(reader)) {
        reads.computeIfAbsent(read.partition(), partition -> new ArrayList<>()).add(read);
      }
    }
    return reads;
  }
}
