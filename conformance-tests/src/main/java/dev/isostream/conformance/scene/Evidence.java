package dev.isostream.conformance.scene;

import dev.isostream.conformance.history.Event;
import dev.isostream.conformance.history.History;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** What a test has done and looked for; a result without evidence is a failure. Thread-safe. */
public final class Evidence {

  /**
   * Evidence in numbers.
   *
   * @param sends messages given to producers, or written by the backend's own client
   * @param deliveries messages handed to members
   * @param reads messages read by readers, or by the backend's own client
   * @param refusals calls that had to fail and did
   * @param faults faults injected
   * @param lookedFor what was looked for, in words, in this order
   */
  public record Summary(
      long sends, long deliveries, long reads, long refusals, long faults, List<String> lookedFor) {
    public Summary {
      lookedFor = List.copyOf(lookedFor);
    }

    /** None at all. */
    public static Summary none() {
      return new Summary(0, 0, 0, 0, 0, List.of());
    }

    /** This and that together. */
    public Summary plus(Summary that) {
      List<String> both = new ArrayList<>(lookedFor);
      both.addAll(that.lookedFor);
      return new Summary(
          sends + that.sends,
          deliveries + that.deliveries,
          reads + that.reads,
          refusals + that.refusals,
          faults + that.faults,
          both);
    }

    /** Why this proves nothing; empty where it does. */
    public String gap() {
      if (lookedFor.isEmpty()) {
        return "no evidence: the test looked for nothing";
      }
      return sends + deliveries + reads + refusals + faults == 0
          ? "no evidence: nothing was sent, delivered, read, refused or broken"
          : "";
    }
  }

  private final AtomicLong sends = new AtomicLong();
  private final AtomicLong reads = new AtomicLong();
  private final AtomicLong refusals = new AtomicLong();
  private final List<String> lookedFor = new ArrayList<>();

  /** Adds sends that the history does not have. */
  public void sent(long messages) {
    sends.addAndGet(messages);
  }

  /** Adds reads that the history does not have. */
  public void read(long messages) {
    reads.addAndGet(messages);
  }

  /** Adds a call that had to fail and did. */
  public void refused() {
    refusals.incrementAndGet();
  }

  /** Adds something that was looked for. */
  public synchronized void lookedFor(String what) {
    if (!lookedFor.contains(what)) {
      lookedFor.add(what);
    }
  }

  /** This and what the history has. */
  public synchronized Summary summary(History history) {
    return new Summary(
        sends.get() + history.count(Event.Sent.class),
        history.count(Event.Handed.class),
        reads.get() + history.count(Event.Read.class) + history.count(Event.DeadLetterFound.class),
        refusals.get(),
        history.count(Event.FaultBegan.class),
        lookedFor);
  }
}
