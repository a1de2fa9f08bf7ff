package dev.isostream.examples;

import dev.isostream.examples.Event.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** Everything the members told, in the order in which it was heard. Thread-safe. */
final class Ledger {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition more = lock.newCondition();
  private final List<Event> events = new ArrayList<>();
  private final Set<String> dead = new HashSet<>();

  void add(Event event) {
    lock.lock();
    try {
      if (!dead.contains(event.member())) {
        events.add(event);
        more.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** What this member tells from now on is not heard: it was killed. */
  void died(String member) {
    lock.lock();
    try {
      dead.add(member);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until something is so.
   *
   * <p>Fails: {@link WrongOutcome} when it is not so within the limit.
   */
  void await(String what, Duration limit, BooleanSupplier condition) {
    long left = limit.toNanos();
    lock.lock();
    try {
      while (!condition.getAsBoolean()) {
        if (left <= 0) {
          throw new WrongOutcome("within " + limit.toSeconds() + " s it did not come to: " + what);
        }
        left = more.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WrongOutcome("interrupted while waiting for: " + what);
    } finally {
      lock.unlock();
    }
  }

  List<Event> all() {
    lock.lock();
    try {
      return List.copyOf(events);
    } finally {
      lock.unlock();
    }
  }

  List<Event> all(Kind kind) {
    return all().stream().filter(event -> event.kind() == kind).toList();
  }

  List<Event> all(Kind kind, String member) {
    return all(kind).stream().filter(event -> event.member().equals(member)).toList();
  }

  /** What happened to one order. */
  List<Event> of(String order) {
    return all().stream().filter(event -> event.text().equals(order)).toList();
  }

  /** The partitions that a member has now. */
  Set<String> share(String member) {
    Set<String> share = new TreeSet<>();
    for (Event event : all()) {
      if (event.member().equals(member) && event.kind() == Kind.ASSIGNED) {
        share.addAll(event.partitions());
      } else if (event.member().equals(member) && event.kind() == Kind.REVOKED) {
        event.partitions().forEach(share::remove);
      }
    }
    return share;
  }

  /** How often each order was charged. */
  Map<String, Integer> charges() {
    Map<String, Integer> charges = new HashMap<>();
    all(Kind.CHARGED).forEach(event -> charges.merge(event.text(), 1, Integer::sum));
    return charges;
  }
}
