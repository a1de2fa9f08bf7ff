package dev.isostream.examples;

import static dev.isostream.examples.WrongOutcome.unless;

import dev.isostream.GroupAdmin;
import dev.isostream.Messaging;
import dev.isostream.Position;
import dev.isostream.examples.Event.Kind;
import dev.isostream.examples.Shop.Stored;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What has to come out, judged by what the members told. */
final class Checks {

  private Checks() {}

  /** The one charge of an order. */
  static Event charged(Ledger ledger, String order) {
    List<Event> charges =
        ledger.of(order).stream().filter(event -> event.kind() == Kind.CHARGED).toList();
    unless(charges.size() == 1, order + " was charged " + charges.size() + " times");
    return charges.get(0);
  }

  static void nothingSettledCameAgain(Ledger ledger) {
    Set<String> settled = new HashSet<>();
    for (Event event : ledger.all()) {
      unless(
          event.kind() != Kind.HANDED || !settled.contains(event.text()),
          event.text() + " came again after its ack was durable");
      if (event.kind() == Kind.CHARGED) {
        settled.add(event.text());
      }
    }
  }

  /** Each customer's orders were handed out in the order in which they were published. */
  static void orderWasKept(Ledger ledger, List<Stored> published) {
    Map<String, Integer> numbers = new HashMap<>();
    published.forEach(stored -> numbers.put(stored.order().id(), numbers.size()));
    Map<String, Integer> last = new HashMap<>();
    for (Event event : ledger.all(Kind.HANDED)) {
      int number = numbers.getOrDefault(event.text(), -1);
      Integer before = last.put(event.customer(), number);
      unless(
          before == null || before <= number,
          event.text() + " of " + event.customer() + " came behind a later one");
    }
  }

  /** What was told of the poison message and the next of its key, in order. */
  static List<Event> poisonHeldUpOnlyItsKey(Ledger ledger, Position poison) {
    List<Event> told = new ArrayList<>();
    for (Event event : ledger.all()) {
      boolean aboutIt = event.position().equals(poison.toString()) && event.kind() != Kind.HANDED;
      boolean next = event.text().equals("m-3") && event.kind() == Kind.CHARGED;
      boolean other = event.text().equals("o-other") && event.kind() == Kind.CHARGED;
      if (aboutIt || next || other) {
        told.add(event);
      }
    }
    List<Event> ofMallory = told.stream().filter(e -> e.customer().equals("mallory")).toList();
    List<Kind> kinds = ofMallory.stream().map(Event::kind).toList();
    unless(
        kinds.equals(List.of(Kind.FAILED, Kind.FAILED, Kind.FAILED, Kind.DEAD, Kind.CHARGED)),
        "three failures, then dead-lettered, then the next of mallory, but it was " + kinds);
    for (int i = 0; i < Run.ATTEMPTS; i++) {
      unless(ofMallory.get(i).attempt() == i + 1, "attempts are not 1, 2, 3: " + ofMallory);
    }
    return told;
  }

  static String inWords(Event event) {
    return switch (event.kind()) {
      case FAILED -> "its handler throws";
      case DEAD -> "dead-lettered, then settled";
      case CHARGED ->
          event.customer().equals("mallory")
              ? "charged; it had waited for its key"
              : "charged; another customer waits for nothing";
      default -> event.kind().name();
    };
  }

  /** The group, left by all its members, has nothing before it. */
  static void everythingIsSettled(Messaging messaging, Run run) {
    GroupAdmin.Description group =
        messaging.groups().describe(run.orders().name(), Run.GROUP).orElseThrow();
    unless(
        group.partitions().size() == Run.PARTITIONS
            && group.partitions().values().stream().allMatch(lag -> lag.count().orElse(0) == 0),
        "the group should have no lag, but has " + group.partitions());
  }

  /** Counts everything; fails where it does not add up. */
  static String counts(Ledger ledger, Shop shop) {
    int published = shop.all().size();
    Map<String, Integer> charges = ledger.charges();
    int dead = ledger.all(Kind.DEAD).size();
    for (Map.Entry<String, Integer> one : charges.entrySet()) {
      unless(one.getValue() == 1, one.getKey() + " was charged " + one.getValue() + " times");
    }
    unless(
        charges.size() + dead == published,
        published
            + " published, but "
            + charges.size()
            + " charged and "
            + dead
            + " dead-lettered");
    nothingSettledCameAgain(ledger);
    orderWasKept(ledger, shop.all());
    return published
        + " orders published, "
        + charges.size()
        + " charged exactly once each in the order of their customers, "
        + dead
        + " dead-lettered, none lost";
  }
}
