package dev.isostream.conformance.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Settlement;
import dev.isostream.Topic;
import dev.isostream.conformance.Rule;
import dev.isostream.conformance.check.Deliveries;
import dev.isostream.conformance.scene.Held;
import dev.isostream.conformance.scene.Probe;
import dev.isostream.conformance.scene.Scene;
import dev.isostream.conformance.scene.Stream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** The rules as a reactive stream keeps them: demand, order, settling, cancelling. */
public final class StreamRules {

  private static final int MESSAGES = 60;

  private final Scene scene;

  /** For one test. */
  public StreamRules(Scene scene) {
    this.scene = scene;
  }

  private Stream stream(Topic<String> topic, String group, Stream.Taking taking) {
    return scene.stream(scene.messaging(), topic, group, s -> s, taking);
  }

  private static void acked(Held held) {
    var unused = held.ackLater();
  }

  private static List<String> ids(List<Held> held) {
    return held.stream().map(Held::toString).toList();
  }

  @Rule("F1")
  void aStreamHandsOutNoMoreThanWasRequested() throws Exception {
    Topic<String> topic = scene.topic(2);
    scene.sender(topic).sendAndConfirm("m", MESSAGES, 30);
    try (Stream stream = stream(topic, "demand", held -> {})) {
      scene.never("a message comes that nobody requested", () -> !stream.arrived().isEmpty());
      List<Held> first = stream.take(3);
      scene.never("more come than were requested", () -> stream.arrived().size() > 3);
      for (Held held : first) {
        held.ack();
      }
      scene.never("settling counts as a request", () -> stream.arrived().size() > 3);
      stream.request(1);
      List<Held> more = stream.take(2);
      scene.await("requests add up", () -> stream.arrived().size() == 6);
      scene.never("requests come to more than their sum", () -> stream.arrived().size() > 6);
      scene.verify("one signal comes at a time", () -> assertThat(stream.overlapped()).isFalse());
      more.get(0).ack();
    }
  }

  @Rule("F1")
  void anUnboundedRequestIsBoundedByWhatMayBeInFlight() throws Exception {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", MESSAGES, MESSAGES);
    try (Stream stream =
        scene.stream(
            scene.messaging(), topic, "unbounded", s -> s.maxInFlightMessages(20), held -> {})) {
      stream.request(Long.MAX_VALUE);
      stream.request(Long.MAX_VALUE);
      scene.await("as many come as may be in flight", () -> stream.arrived().size() >= 20);
      scene.never(
          "more than the bound are in flight, whatever was requested",
          () -> stream.arrived().size() > 20);
      int settled = 0;
      while (settled < MESSAGES) {
        int next = settled;
        scene.await("the rest comes as these are settled", () -> stream.arrived().size() > next);
        stream.arrived().get(settled++).ack();
      }
      scene.verify(
          "each came once",
          () -> assertThat(ids(stream.arrived())).hasSize(MESSAGES).doesNotHaveDuplicates());
    }
    scene.verifyNone(
        "nothing is lost", Deliveries.losses(scene.history().events(), topic.name(), "unbounded"));
  }

  @Rule("O5")
  void aStreamSeesStoredOrder() {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", MESSAGES, 7);
    List<String> stored = IntStream.range(0, MESSAGES).mapToObj(i -> "m-" + i + "#1").toList();
    try (Stream one = stream(topic, "one-by-one", StreamRules::acked)) {
      for (int i = 0; i < MESSAGES; i++) {
        one.take(1);
      }
      scene.verify(
          "requested one by one they come in stored order",
          () -> assertThat(ids(one.arrived())).isEqualTo(stored));
    }
    try (Stream all = stream(topic, "all-at-once", StreamRules::acked)) {
      all.request(Long.MAX_VALUE);
      scene.await("all come", () -> all.arrived().size() == MESSAGES);
      scene.verify(
          "requested at once they come in stored order",
          () -> assertThat(ids(all.arrived())).isEqualTo(stored));
    }
  }

  /** Of three keys, the first message of one fails. */
  @Rule("O1")
  void aNackedMessageOfAStreamHoldsUpItsKeyAlone() throws Exception {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 9, 3);
    Duration delay = Duration.ofMillis(500);
    try (Stream stream = stream(topic, "nacked", held -> {})) {
      scene.awaitFetched(stream.publisher(), 9);
      Held poison = stream.take(1).get(0);
      long nacked = System.nanoTime();
      Settlement settlement = poison.nack(delay);
      scene.verify("a nack is done", () -> assertThat(settlement).isEqualTo(Settlement.DONE));
      List<Held> others = stream.take(6);
      scene.verify(
          "the other keys go on meanwhile",
          () ->
              assertThat(ids(others))
                  .containsExactly("m-1#1", "m-2#1", "m-4#1", "m-5#1", "m-7#1", "m-8#1"));
      Held again = stream.take(1).get(0);
      Duration waited = Duration.ofNanos(System.nanoTime() - nacked);
      scene.verify(
          "the nacked one comes again before any later one of its key",
          () -> assertThat(again).hasToString("m-0#2"));
      scene.verify(
          "no sooner than its delay", () -> assertThat(waited).isGreaterThanOrEqualTo(delay));
      again.ack();
      List<Held> rest = stream.take(2);
      scene.verify(
          "then its key goes on", () -> assertThat(ids(rest)).containsExactly("m-3#1", "m-6#1"));
      stream.request(5);
      scene.never("anything comes that is settled or in hand", () -> stream.arrived().size() > 10);
      for (Held held : stream.arrived()) {
        held.delivery().ack();
      }
    }
  }

  @Rule("O4")
  void nackingOneOfAKeyTakesTheLaterOnesBackFromTheStream() throws Exception {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 6, 2);
    try (Stream stream = stream(topic, "taken-back", held -> {})) {
      scene.awaitFetched(stream.publisher(), 6);
      List<Held> first = stream.take(6);
      scene.verify(
          "several of a key come, in order",
          () ->
              assertThat(ids(first))
                  .containsExactly("m-0#1", "m-1#1", "m-2#1", "m-3#1", "m-4#1", "m-5#1"));
      first.get(2).nack(Duration.ZERO);
      Settlement late =
          scene.complete("settling one that was taken back", first.get(4).delivery().ack());
      scene.verify(
          "the later one of its key was taken back",
          () -> assertThat(late).isEqualTo(Settlement.ALREADY_SETTLED));
      Settlement earlier = first.get(0).ack();
      scene.verify("the earlier one was not", () -> assertThat(earlier).isEqualTo(Settlement.DONE));
      List<Held> again = stream.take(2);
      scene.verify(
          "both come again, in order, and only the nacked one counts an attempt",
          () -> assertThat(ids(again)).containsExactly("m-2#2", "m-4#1"));
      for (Held held : List.of(first.get(1), first.get(3), first.get(5), again.get(0))) {
        held.ack();
      }
      again.get(1).ack();
    }
    Probe after = scene.probe(topic, "taken-back");
    after.nothing("a settled message comes again");
  }

  @Rule("F4")
  void cancellingAStreamHandsBack() throws Exception {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 10, 10);
    Stream stream = stream(topic, "cancelled", held -> {});
    List<Held> first = stream.take(4);
    first.get(0).ack();
    long cancelled = System.nanoTime();
    stream.cancel();
    stream.cancel();
    scene.complete("cancelling closes the member", stream.publisher().stopped());
    Probe heir = scene.probe(scene.connect(), topic, "cancelled", c -> c);
    List<Held> rest = new ArrayList<>(heir.take(9));
    Duration waited = Duration.ofNanos(System.nanoTime() - cancelled);
    scene.verify(
        "what it held goes to others without waiting for the failover time",
        () -> assertThat(waited).isLessThan(scene.limits().failoverTime().multipliedBy(2)));
    scene.verify(
        "all that was not settled comes, and no attempt was counted",
        () -> {
          assertThat(rest).allMatch(held -> held.attempt() == 1);
          Set<String> came = new TreeSet<>(rest.stream().map(Held::id).toList());
          assertThat(came).hasSize(9).doesNotContain("m-0");
        });
    scene.verify("it is told nothing more", () -> assertThat(stream.ends()).isZero());
    stream.request(3);
    scene.never("it is handed a message after it cancelled", () -> stream.arrived().size() > 4);
    for (Held held : rest) {
      held.ack();
    }
    stream.close();
  }

  @Rule("F4")
  void closingAStreamCompletesItOnce() throws Exception {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 4, 4);
    Stream stream = stream(topic, "closed", held -> {});
    for (Held held : stream.take(2)) {
      held.ack();
    }
    stream.close();
    scene.await("the subscriber is told that nothing follows", () -> stream.ends() == 1);
    scene.verify("by onComplete", () -> assertThat(stream.error()).isEmpty());
    stream.publisher().close();
    stream.cancel();
    scene.never("it is told twice", () -> stream.ends() > 1);
    Probe heir = scene.probe(topic, "closed");
    List<String> rest = heir.drain(2);
    scene.verify("the rest is left", () -> assertThat(rest).containsExactly("m-2", "m-3"));
  }
}
