package dev.isostream.engine.cursor;

import dev.isostream.Exhausted;
import dev.isostream.Ordering;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What belongs to a group as a whole; stored once, by the owner of the anchor lane, when it makes
 * the group. Immutable.
 *
 * @param start where partitions of the creation start; those that appear later start at their
 *     origin (contract G1)
 * @param startMillis the timestamp of {@link Start#TIMESTAMP}
 * @param partitions those that the topic had at the creation
 * @param maxAttempts 0 for no bound
 */
public record GroupRecord(
    Start start,
    long startMillis,
    Set<String> partitions,
    Ordering ordering,
    int maxAttempts,
    @Nullable String deadLetterTopic,
    @Nullable Exhausted exhausted) {

  // What stands for each on the wire is its place here; only ever appended to.
  private static final List<Start> STARTS =
      List.of(Start.EARLIEST, Start.LATEST, Start.TIMESTAMP, Start.POSITIONS);
  private static final List<Ordering> ORDERINGS =
      List.of(Ordering.KEY, Ordering.PARTITION, Ordering.NONE);
  private static final List<Exhausted> ACTIONS = List.of(Exhausted.DISCARD, Exhausted.STOP);

  /** The kind of start. */
  public enum Start {
    EARLIEST,
    LATEST,
    TIMESTAMP,
    POSITIONS
  }

  public GroupRecord {
    partitions = Set.copyOf(partitions);
  }

  /** In words, each setting in which the other differs; empty where none does (contract G10). */
  public List<String> differences(GroupRecord wanted) {
    List<String> all = new ArrayList<>(3);
    compare(all, "ordering", ordering, wanted.ordering);
    compare(all, "maximum attempts", attempts(), wanted.attempts());
    compare(all, "dead-letter topic", deadLetterTopic, wanted.deadLetterTopic);
    compare(all, "action when exhausted", exhausted, wanted.exhausted);
    return all;
  }

  private static void compare(
      List<String> all, String what, @Nullable Object stored, @Nullable Object wanted) {
    if (stored == null ? wanted != null : !stored.equals(wanted)) {
      all.add(what + " is " + stored + " in the group, " + wanted + " here");
    }
  }

  private String attempts() {
    return maxAttempts == 0 ? "unbounded" : Integer.toString(maxAttempts);
  }

  void write(ByteWriter out) {
    out.octet(STARTS.indexOf(start));
    out.varint(startMillis);
    out.octet(ORDERINGS.indexOf(ordering));
    out.varint(maxAttempts);
    out.text(deadLetterTopic == null ? "" : deadLetterTopic);
    out.octet(exhausted == null ? 0 : ACTIONS.indexOf(exhausted) + 1);
    boolean counted = isCounted();
    out.octet(counted ? 1 : 0);
    out.varint(partitions.size());
    if (!counted) {
      for (String partition : new TreeSet<>(partitions)) {
        out.text(partition);
      }
    }
  }

  /** Whether the partitions are named 0, 1, 2 …, so that their number says it all. */
  private boolean isCounted() {
    for (int i = 0; i < partitions.size(); i++) {
      if (!partitions.contains(Integer.toString(i))) {
        return false;
      }
    }
    return true;
  }

  static GroupRecord read(ByteReader in) {
    Start start = in.choice(STARTS);
    long startMillis = in.varint();
    Ordering ordering = in.choice(ORDERINGS);
    int maxAttempts = in.smallVarint(Integer.MAX_VALUE);
    String deadLetterTopic = in.text(255);
    int exhausted = in.octet();
    if (exhausted > ACTIONS.size()) {
      throw in.malformed("action " + exhausted);
    }
    boolean counted = in.octet() == 1;
    int count = in.smallVarint(counted ? 1_000_000 : in.remaining());
    Set<String> partitions = new TreeSet<>();
    for (int i = 0; i < count; i++) {
      partitions.add(counted ? Integer.toString(i) : in.text(255));
    }
    return new GroupRecord(
        start,
        startMillis,
        partitions,
        ordering,
        maxAttempts,
        deadLetterTopic.isEmpty() ? null : deadLetterTopic,
        exhausted == 0 ? null : ACTIONS.get(exhausted - 1));
  }
}
