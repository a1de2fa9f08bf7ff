package dev.isostream.examples;

import dev.isostream.Message;
import dev.isostream.Messaging;
import dev.isostream.MessagingException;
import dev.isostream.Position;
import dev.isostream.Reader;
import dev.isostream.Received;
import dev.isostream.Subscription;
import dev.isostream.examples.Event.Kind;
import dev.isostream.examples.Shop.Stored;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Publishes orders, charges them in a group of two members, kills one, gives a message back, sends
 * another to the dead-letter topic, and replays from a position that was kept as text. Says what
 * happens, checks it, and exits with 0 only when it was right.
 *
 * <p>The backend comes from the configuration alone: {@code isostream.yaml}, {@code
 * ISOSTREAM_ADDRESS} or {@code -Disostream.address}.
 */
public final class Quickstart {

  private static final String ANN = "ann";
  private static final String BOB = "bob";
  private static final int ORDERS = 200;
  private static final int CUSTOMERS = 24;
  private static final int BOBS_CHARGES = 12;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Messaging messaging;
  private final Story story;
  private final Run run = new Run(Long.toString(System.currentTimeMillis(), 36));
  private final Ledger ledger = new Ledger();

  private Quickstart(Messaging messaging, Story story) {
    this.messaging = messaging;
    this.story = story;
  }

  /** Takes no arguments. */
  public static void main(String[] arguments) {
    Story story = new Story(System.out);
    int code = 0;
    try (Messaging messaging = Messaging.open()) {
      new Quickstart(messaging, story).play();
    } catch (WrongOutcome e) {
      story.title("\nWRONG: " + e.getMessage());
      code = 1;
    } catch (MessagingException | IOException e) {
      story.title("\nFAILED: " + e.getMessage());
      code = 2;
    }
    System.exit(code); // a member that was abandoned in this process still hangs
  }

  private void play() throws IOException {
    Instant begin = Instant.now();
    createTopics();
    try (Subscription ann =
            new BillingMember(ANN, Integer.MAX_VALUE, ledger::add).join(messaging, run);
        SecondMember bob = SecondMember.start(messaging, BOB, BOBS_CHARGES, run, ledger);
        Shop shop = new Shop(messaging, run)) {
      spread(bob);
      publish(shop);
      Event inHand = kill(bob);
      takeOver();
      giveBack(shop);
      poison(shop);
      replay(shop, inHand.position());
      summary(shop, ann, begin);
    } finally {
      messaging.topics().delete(run.orders().name());
      messaging.topics().delete(run.dead().name());
    }
  }

  private void createTopics() {
    story.act("Two topics are created.");
    messaging.topics().create(run.orders().name(), Run.PARTITIONS);
    messaging.topics().create(run.dead().name(), 1);
    story.say(run.orders().name() + " with " + Run.PARTITIONS + " partitions, for orders");
    story.say(run.dead().name() + " with 1, for what can't be handled");
  }

  private void spread(SecondMember bob) {
    story.act("Two members join the group \"" + Run.GROUP + "\" and share the partitions.");
    ledger.await(
        "both members have partitions, all of them together",
        PATIENCE,
        () ->
            !ledger.share(ANN).isEmpty()
                && !ledger.share(BOB).isEmpty()
                && ledger.share(ANN).size() + ledger.share(BOB).size() == Run.PARTITIONS);
    story.say("ann has " + ledger.share(ANN) + ", in this process");
    story.say("bob has " + ledger.share(BOB) + ", " + bob.whereabouts());
  }

  private void publish(Shop shop) {
    story.act(
        ORDERS + " orders of " + CUSTOMERS + " customers are published, the customer as key.");
    List<Stored> stored = shop.publish(ORDERS, CUSTOMERS);
    Stored first = stored.get(0);
    Stored last = stored.get(ORDERS - 1);
    story.say(first.order().id() + " is stored durably at " + first.position());
    story.say(last.order().id() + " is stored durably at " + last.position());
  }

  private Event kill(SecondMember bob) {
    story.act("bob is killed in the middle of his work.");
    ledger.await(
        "bob has charged " + BOBS_CHARGES + " orders and has more in hand",
        PATIENCE,
        () ->
            ledger.all(Kind.CHARGED, BOB).size() == BOBS_CHARGES
                && ledger.all(Kind.HANGING, BOB).size() == BillingMember.CONCURRENCY);
    story.say("bob has charged " + BOBS_CHARGES + " orders; those acks are durable");
    List<Event> inHand = ledger.all(Kind.HANGING, BOB);
    inHand.forEach(event -> story.event(event, "bob has it in hand"));
    story.say(bob.kill());
    return inHand.get(0);
  }

  private void takeOver() {
    story.act("ann takes over what bob had, and charges everything that is left.");
    Instant killed = Instant.now();
    Duration limit = messaging.limits().failoverTime().plus(PATIENCE);
    ledger.await("ann has all partitions", limit, () -> ledger.share(ANN).size() == Run.PARTITIONS);
    story.say(
        "ann has "
            + ledger.share(ANN)
            + " after "
            + Story.seconds(Duration.between(killed, Instant.now()))
            + " (promised: within "
            + Story.seconds(messaging.limits().failoverTime())
            + ")");
    ledger.await("all orders are charged", limit, () -> ledger.charges().size() == ORDERS);
    for (Event event : ledger.all(Kind.HANGING, BOB)) {
      Event again = Checks.charged(ledger, event.text());
      WrongOutcome.unless(again.member().equals(ANN), event.text() + " was not charged by ann");
      story.event(again, "charged by ann; bob had it in hand when he died");
    }
    Checks.nothingSettledCameAgain(ledger);
    story.say("nothing that bob had charged came again");
  }

  private void giveBack(Shop shop) {
    story.act("The payment provider is down for a moment: the order is given back (nack).");
    Order order = new Order("o-late", "dora", 4200);
    shop.publish(
        Message.of(order).key(order.customer()).header(BillingMember.PROVIDER_DOWN, "yes"));
    ledger.await(
        "the order that was given back is charged",
        PATIENCE,
        () -> ledger.charges().containsKey(order.id()));
    Event nacked = ledger.of(order.id()).get(1);
    Event charged = Checks.charged(ledger, order.id());
    WrongOutcome.unless(
        nacked.kind() == Kind.NACKED && charged.attempt() == 2,
        "given back once, it should be charged on attempt 2, not " + charged.attempt());
    story.event(nacked, "not before " + BillingMember.NACK_DELAY.toMillis() + " ms, please");
    story.event(charged, "charged");
  }

  private void poison(Shop shop) {
    story.act(
        "A poison message: it fails each time, holds up its own customer only, and is set aside.");
    List<Stored> mallorys = new ArrayList<>();
    for (long cents : new long[] {100, -1, 300}) {
      Order order = new Order("m-" + (mallorys.size() + 1), "mallory", cents);
      mallorys.add(shop.publish(Message.of(order).key(order.customer())));
    }
    Order other = new Order("o-other", "erin", 700);
    shop.publish(Message.of(other).key(other.customer()));
    ledger.await(
        "mallory's last order is charged",
        PATIENCE,
        () -> ledger.charges().containsKey("m-3") && ledger.charges().containsKey(other.id()));
    List<Event> told = Checks.poisonHeldUpOnlyItsKey(ledger, mallorys.get(1).position());
    told.forEach(event -> story.event(event, Checks.inWords(event)));
    story.say("in " + run.dead().name() + ":");
    DeadLetter.onlyOne(messaging, run, mallorys.get(1)).lines().forEach(story::say);
  }

  private void replay(Shop shop, String position) throws IOException {
    story.act("Everything from a kept position on is read again, without a group.");
    Path kept = Files.createTempFile("isostream-position-", ".txt");
    Files.writeString(kept, position);
    story.say("kept in " + kept + ": " + position);
    Position from = Position.parse(Files.readString(kept));
    Files.delete(kept);
    List<Stored> read = new ArrayList<>();
    try (Reader<Order> reader = messaging.reader(run.orders()).from(from).untilEnd().open()) {
      for (Received<Order> message : reader) {
        read.add(new Stored(message.payload(), message.position()));
      }
    }
    List<Stored> expected = shop.from(from);
    WrongOutcome.unless(
        read.equals(expected), "read again: " + read + ", but published were " + expected);
    story.say(
        read.size()
            + " orders of partition "
            + from.partition()
            + ", the same ones in the same order: "
            + read.get(0).order().id()
            + " at "
            + read.get(0).position()
            + " to "
            + read.get(read.size() - 1).order().id()
            + " at "
            + read.get(read.size() - 1).position());
  }

  private void summary(Shop shop, Subscription ann, Instant begin) {
    ann.close();
    Checks.everythingIsSettled(messaging, run);
    String counts = Checks.counts(ledger, shop);
    Duration took = Duration.between(begin, Instant.now());
    story.title("\nAll as promised: " + counts + ". It took " + Story.seconds(took) + ".");
  }
}
