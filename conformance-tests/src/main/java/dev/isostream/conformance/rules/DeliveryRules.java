package dev.isostream.conformance.rules;

import static dev.isostream.conformance.scene.DeadLetterBox.header;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.DecodeException;
import dev.isostream.Delivery;
import dev.isostream.Reader;
import dev.isostream.ReaderBuilder;
import dev.isostream.Retry;
import dev.isostream.Settlement;
import dev.isostream.StaleDeliveryException;
import dev.isostream.Topic;
import dev.isostream.conformance.Foreign;
import dev.isostream.conformance.Rule;
import dev.isostream.conformance.history.Event.Handed;
import dev.isostream.conformance.scene.DeadLetterBox;
import dev.isostream.conformance.scene.Held;
import dev.isostream.conformance.scene.Probe;
import dev.isostream.conformance.scene.Scene;
import dev.isostream.conformance.scene.Sender;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** D8 to D10: ways to settle, and what can't be decoded. */
public final class DeliveryRules {

  private static final byte[] NOT_UTF_8 = {(byte) 0xff, 'x', (byte) 0xfe};

  private final Scene scene;

  /** For one test. */
  public DeliveryRules(Scene scene) {
    this.scene = scene;
  }

  private Duration failover() {
    return scene.limits().failoverTime().plus(scene.timing().patience());
  }

  @Rule("D8")
  void settlingAgainChangesNothing() throws Exception {
    Topic<String> topic = scene.topic(1);
    DeadLetterBox box = scene.deadLetters();
    scene.sender(topic).sendAndConfirm("m", 3, 3);
    Probe group =
        scene.probe(
            scene.messaging(),
            topic,
            "twice",
            c -> c.retry(Retry.fixed(Duration.ZERO).maxAttempts(3)).deadLetterTo(box.name()));
    List<Held> held = group.take(3);
    held.get(0).ack();
    held.get(1).nack(Duration.ofHours(1));
    held.get(2).deadLetter("once");
    for (Held each : held) {
      for (Settle again : Settle.all()) {
        Settlement settlement =
            scene.complete("settling again completes", again.settle(each.delivery()));
        scene.verify(
            "settling again says so",
            () -> assertThat(settlement).isEqualTo(Settlement.ALREADY_SETTLED));
      }
      scene.verify(
          "a settled delivery says that it is",
          () -> assertThat(each.delivery().isSettled()).isTrue());
    }
    group.nothing("settling again brings a message back");
    scene.verify("or keeps it twice", () -> assertThat(box.now()).hasSize(1));
    group.close();
    Probe after =
        scene.probe(
            scene.messaging(),
            topic,
            "twice",
            c -> c.retry(Retry.fixed(Duration.ZERO).maxAttempts(3)).deadLetterTo(box.name()));
    after.nothing("settling again settles or hastens a nacked message");
    scene.verify(
        "settling again counts no attempt",
        () -> assertThat(group.listener().told("attemptFailed")).hasSize(1));
  }

  /** A way to settle. */
  private interface Settle extends Function<Delivery<String>, CompletionStage<Settlement>> {

    default CompletionStage<Settlement> settle(Delivery<String> delivery) {
      return apply(delivery);
    }

    static List<Settle> all() {
      return List.of(
          Delivery::ack,
          Delivery::nack,
          delivery -> delivery.nack(Duration.ZERO),
          delivery -> delivery.deadLetter("late"));
    }
  }

  @Rule("D8")
  void settlingAfterTheShareMovedOnIsStale() throws Exception {
    Topic<String> topic = scene.topic(2);
    DeadLetterBox box = scene.deadLetters();
    scene.sender(topic).sendAndConfirm("m", 40, 40);
    Duration drain = Duration.ofMillis(100);
    Probe first = member(topic, box, drain);
    List<Held> held = first.take(40);
    Probe second = member(topic, box, drain);
    scene.await(
        "a part of the share moves on",
        failover(),
        () ->
            first.consumer().assignment().size() == 1
                && second.consumer().assignment().size() == 1);
    List<Held> moved =
        held.stream()
            .filter(h -> !first.consumer().assignment().contains(h.delivery().partition()))
            .toList();
    scene.verify("deliveries of it were in hand", () -> assertThat(moved).hasSizeGreaterThan(4));
    scene.verify(
        "they say that they are revoked",
        () -> assertThat(moved).allMatch(h -> h.delivery().isRevoked()));
    int next = 0;
    List<Settle> ways = new ArrayList<>(Settle.all());
    ways.add(Delivery::ackCumulative);
    for (Settle late : ways) {
      Held stale = moved.get(next++);
      scene.refused(
          "settling after the share moved on fails as stale",
          StaleDeliveryException.class,
          () -> scene.complete("settling late completes", late.settle(stale.delivery())));
    }
    for (Held kept : held) {
      if (!moved.contains(kept)) {
        kept.ack();
      }
    }
    List<Held> again = second.take(moved.size(), failover());
    scene.verify(
        "what was settled too late comes to the new owner, unchanged and uncounted",
        () -> {
          assertThat(again.stream().map(Held::id))
              .containsExactlyInAnyOrderElementsOf(moved.stream().map(Held::id).toList());
          assertThat(again).allMatch(h -> h.attempt() == 1);
        });
    for (Held each : again) {
      Settlement settlement = each.ack();
      scene.verify("and is settled there", () -> assertThat(settlement).isEqualTo(Settlement.DONE));
    }
    scene.verify("late settling keeps no dead letter", () -> assertThat(box.now()).isEmpty());
  }

  private Probe member(Topic<String> topic, DeadLetterBox box, Duration drain) {
    return scene.probe(
        scene.connect(),
        topic,
        "moves-on",
        c ->
            c.drainLimit(drain)
                .retry(Retry.fixed(Duration.ZERO).maxAttempts(3))
                .deadLetterTo(box.name()));
  }

  @Rule("D9")
  void whatCantBeDecodedIsAFailedDelivery() throws Exception {
    Topic<String> topic = scene.topic(1);
    DeadLetterBox box = scene.deadLetters();
    Sender sender = scene.sender(topic);
    sender.sendAndConfirm("k", "before");
    foreign(topic, NOT_UTF_8);
    foreign(topic, null);
    sender.sendAndConfirm("k", "after");
    Probe group =
        scene.probe(
            scene.messaging(),
            topic,
            "undecodable",
            c -> c.retry(Retry.fixed(Duration.ZERO).maxAttempts(2)).deadLetterTo(box.name()));
    List<String> ids = group.drain(2);
    scene.verify(
        "the others of its key come, it does not",
        () -> assertThat(ids).containsExactly("before", "after"));
    var letters = box.await(2);
    scene.verify(
        "it goes to the dead-letter topic as it was",
        () -> assertThat(letters.get(0).body().orElseThrow()).isEqualTo(NOT_UTF_8));
    scene.verify(
        "an absent payload is undecodable where the codec knows none",
        () -> assertThat(letters.get(1).body()).isEmpty());
    scene.verify(
        "after the configured attempts, for this reason",
        () -> {
          assertThat(header(letters.get(0), "attempts")).hasValue("2");
          assertThat(header(letters.get(0), "reason").orElse(""))
              .contains(DecodeException.class.getName());
        });
    scene.verify(
        "each attempt is told with its cause",
        () ->
            assertThat(group.listener().told("attemptFailed"))
                .hasSize(4)
                .allMatch(told -> told.details()[2] instanceof DecodeException));
  }

  private void foreign(Topic<String> topic, byte @org.jspecify.annotations.Nullable [] payload) {
    scene
        .harness()
        .foreign()
        .write(topic.name(), List.of(new Foreign.Entry("k".getBytes(UTF_8), payload, List.of())));
    scene.evidence().sent(1);
  }

  @Rule("D9")
  void whatCantBeDecodedStopsNoHandlerAndNoPartition() {
    Topic<String> topic = scene.topic(1);
    foreign(topic, NOT_UTF_8);
    scene.sender(topic).sendAndConfirm("m", 6, 3);
    var group =
        scene.push(
            scene.messaging(),
            topic,
            "goes-on",
            s -> s.retry(Retry.fixed(Duration.ofMillis(20)).forever()),
            held -> {});
    scene.await("all other keys go on", () -> scene.history().count(Handed.class) == 6);
    scene.await(
        "it is tried again and again", () -> group.listener().told("attemptFailed").size() >= 2);
    scene.verify(
        "the member is not stopped by it",
        () -> assertThat(group.subscription().failure()).isEmpty());
  }

  @Rule("D9")
  void aReaderFailsOrGivesItRaw() {
    Topic<String> topic = scene.topic(1);
    foreign(topic, NOT_UTF_8);
    scene.sender(topic).sendAndConfirm("k", "after");
    try (Reader<String> reader = scene.messaging().reader(topic).open()) {
      scene.refused(
          "a reader fails with what can't be decoded",
          DecodeException.class,
          () -> {
            var unused = reader.read(scene.timing().patience());
          });
    }
    try (Reader<String> reader =
        scene.messaging().reader(topic).whenUndecodable(ReaderBuilder.Undecodable.RAW).open()) {
      var raw = reader.read(scene.timing().patience()).orElseThrow();
      scene.evidence().read(1);
      scene.verify(
          "or gives it raw", () -> assertThat(raw.body().orElseThrow()).isEqualTo(NOT_UTF_8));
      scene.refused(
          "whose payload is the error",
          DecodeException.class,
          () -> assertThat(raw.payload()).isNull());
      scene.verify(
          "and goes on",
          () -> assertThat(scene.readNext(reader, "raw").payload()).isEqualTo("after"));
    }
  }

  @Rule("D10")
  void aCumulativeAckSettlesEverythingUpToIt() throws Exception {
    Topic<String> topic = scene.topic(2);
    scene.sender(topic).sendAndConfirm("m", 40, 20);
    List<String> open = new ArrayList<>();
    try (Probe group = scene.probe(topic, "cumulative")) {
      List<Held> held = group.take(20);
      List<Held> ofOne =
          held.stream()
              .filter(h -> h.delivery().partition().equals(held.get(0).delivery().partition()))
              .sorted(java.util.Comparator.comparing(h -> h.delivery().position()))
              .toList();
      Held last = ofOne.get(ofOne.size() / 2);
      Settlement done =
          scene.complete("a cumulative ack completes", last.delivery().ackCumulative());
      scene.verify("it is done", () -> assertThat(done).isEqualTo(Settlement.DONE));
      for (Held each : held) {
        boolean covered =
            ofOne.contains(each)
                && each.delivery().position().compareTo(last.delivery().position()) <= 0;
        scene.verify(
            "exactly what this member holds of the partition up to it is settled",
            () -> assertThat(each.delivery().isSettled()).isEqualTo(covered));
        if (covered) {
          Settlement again = each.ack();
          scene.verify(
              "their own settlement finds itself done",
              () -> assertThat(again).isEqualTo(Settlement.ALREADY_SETTLED));
        } else {
          open.add(each.id());
        }
      }
      group.consumer().close(Duration.ZERO);
    }
    try (Probe after = scene.probe(topic, "cumulative")) {
      List<String> rest = after.drain(20 + open.size());
      scene.verify(
          "of what was held exactly the rest comes again",
          () -> assertThat(rest).containsAll(open).doesNotHaveDuplicates());
      after.nothing("a message comes again that was settled cumulatively");
    }
  }

  @Rule("D10")
  void aNackStandsThroughALaterCumulativeAck() throws Exception {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 3, 3);
    try (Probe group = scene.probe(topic, "failed")) {
      List<Held> held = group.take(3);
      held.get(0).nack(Duration.ofMillis(200));
      Settlement done =
          scene.complete("a cumulative ack completes", held.get(2).delivery().ackCumulative());
      scene.verify("it is done", () -> assertThat(done).isEqualTo(Settlement.DONE));
      Held again = group.takeOne();
      scene.verify(
          "what was nacked before comes again, and it alone",
          () -> assertThat(again.toString()).isEqualTo(held.get(0).id() + "#2"));
      again.ack();
    }
    try (Probe after = scene.probe(topic, "failed")) {
      after.nothing("a message comes again that was settled cumulatively");
    }
  }
}
