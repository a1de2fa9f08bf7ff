package dev.isostream.conformance.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Codecs;
import dev.isostream.Exhausted;
import dev.isostream.Header;
import dev.isostream.Headers;
import dev.isostream.Message;
import dev.isostream.Messaging;
import dev.isostream.Receipt;
import dev.isostream.Received;
import dev.isostream.Topic;
import dev.isostream.conformance.Faults;
import dev.isostream.conformance.Rule;
import dev.isostream.conformance.check.Order;
import dev.isostream.conformance.scene.Content;
import dev.isostream.conformance.scene.Held;
import dev.isostream.conformance.scene.Probe;
import dev.isostream.conformance.scene.Scene;
import dev.isostream.conformance.scene.Sender;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** P2, P4, P6: what is sent arrives in order, once, and as it was. */
public final class FidelityRules {

  private final Scene scene;

  /** For one test. */
  public FidelityRules(Scene scene) {
    this.scene = scene;
  }

  @Rule("P2")
  void aKeyKeepsItsOrderThroughFailuresAndRetries() throws Exception {
    Topic<String> topic = scene.topic(3);
    Sender sender = scene.sender(scene.connectThroughNetwork(Map.of()), topic, p -> p);
    Probe group = scene.probe(topic, "order");
    sender.sendAndConfirm("k0", "first");
    Held held = group.takeOne();
    Faults.Network network = scene.harness().faults().network();
    List<CompletableFuture<Receipt>> sent = new ArrayList<>();
    for (int round = 0; round < 4; round++) {
      boolean cut = round % 2 == 0;
      String name = cut ? "the network is cut" : "replies get lost";
      sent.addAll(sender.sendMany("calm" + round, 40, 5));
      CompletableFuture<Receipt> middle = disturb(sender, name, cut, round);
      sent.add(middle);
      sent.addAll(sender.sendMany("harm" + round, 40, 5));
      network.restore();
      scene.faultEnded(name);
    }
    sender.confirm(sent);
    held.ack();
    String reader = scene.unique("reader");
    int stored = scene.readAllAs(reader, scene.messaging(), topic, r -> r).size();
    scene.verify(
        "everything confirmed is there once", () -> assertThat(stored).isEqualTo(sent.size() + 1));
    scene.verifyNone(
        "a reader sees each key in the order of the calls",
        Order.ofKeysInReader(scene.history().events(), reader));
    group.drain(sent.size());
    scene.verifyNone(
        "a group gets each key in the order of the calls",
        Order.ofKeysInGroup(scene.history().events(), "order"));
  }

  /** The send in the middle of which the harm begins. */
  private CompletableFuture<Receipt> disturb(Sender sender, String name, boolean cut, int round)
      throws Exception {
    Faults.Network network = scene.harness().faults().network();
    network.hold();
    CompletableFuture<Receipt> middle = sender.send("k0", "middle" + round);
    scene.faultInTheMiddle(
        name,
        () -> {
          if (cut) {
            network.cut();
          } else {
            network.restore();
            network.loseReplies();
          }
        });
    return middle;
  }

  @Rule("P4")
  void aLostReplyMakesNoSecondMessage() throws Exception {
    Topic<String> topic = scene.topic(1);
    Probe group = scene.probe(topic, "once");
    List<String> ids = new ArrayList<>();
    Faults.Network network = scene.harness().faults().network();
    for (int round = 0; round < 3; round++) {
      // A connection that was cut in the round before may have a question of its own open, whose
      // answer would get lost too: nothing would arrive behind it.
      Sender sender = scene.sender(scene.connectThroughNetwork(Map.of()), topic, p -> p);
      sender.sendAndConfirm("k", "m-first" + round);
      ids.add("m-first" + round);
      scene.fault("replies get lost", network::loseReplies);
      List<CompletableFuture<Receipt>> sent = sender.sendMany("m" + round, 10, 2);
      for (int i = 0; i < 10; i++) {
        ids.add("m" + round + "-" + i);
      }
      scene.await(
          "the requests whose replies get lost arrive",
          () ->
              scene.readAll(topic).stream()
                  .anyMatch(m -> m.payload().equals(ids.get(ids.size() - 10))));
      network.restore();
      scene.faultEnded("replies get lost");
      sender.confirm(sent);
    }
    scene.verify(
        "a reader sees each message once",
        () ->
            assertThat(scene.readAll(topic))
                .extracting(Received::payload)
                .containsExactlyElementsOf(ids));
    List<String> got = group.drain(ids.size());
    scene.verify(
        "a group gets each message once",
        () -> assertThat(got).containsExactlyInAnyOrderElementsOf(ids));
    group.nothing("a message comes twice because its reply was lost");
  }

  @Rule("P4")
  void forwardingMakesNewMessages() throws Exception {
    Topic<String> from = scene.topic(1);
    Topic<String> to = scene.topic(1);
    Sender sender = scene.sender(from);
    sender.sendAndConfirm("k", "m");
    Probe group = scene.probe(from, "forward");
    Held held = group.takeOne();
    Sender forwarder = scene.sender(to);
    for (int i = 0; i < 2; i++) {
      Message<String> same =
          Message.of(held.delivery().payload()).key("k").headers(held.delivery().headers());
      scene.complete("a forwarded message is stored", forwarder.producer().send(same));
      scene.evidence().sent(1);
    }
    held.ack();
    scene.verify(
        "what is forwarded twice is there twice",
        () ->
            assertThat(scene.readAll(to)).extracting(Received::payload).containsExactly("m", "m"));
  }

  @Rule("P6")
  void everyContentComesBackAsItWentIn() throws Exception {
    Topic<byte @Nullable []> topic = scene.topic(1, Codecs.nullable(Codecs.bytes()));
    List<Content> contents = Content.samples(scene.limits());
    try (var producer = scene.messaging().producer(topic).open()) {
      for (Content content : contents) {
        scene.complete("each content can be sent", producer.send(content.message()));
      }
    }
    scene.evidence().sent(contents.size());
    try (var reader = scene.messaging().reader(topic).untilEnd().open()) {
      for (Content content : contents) {
        var got = reader.read(scene.timing().patience());
        scene.evidence().read(1);
        scene.verify(
            "a reader gets " + content.what() + " as it was sent",
            () -> content.assertSameAs(got.orElseThrow()));
      }
    }
    try (var consumer =
        scene
            .messaging()
            .consumer(topic)
            .group("fidelity")
            .startAt(dev.isostream.StartAt.earliest())
            .whenExhausted(Exhausted.STOP)
            .open()) {
      for (Content content : contents) {
        var got = consumer.receive(scene.timing().patience());
        scene.evidence().read(1);
        scene.verify(
            "a group gets " + content.what() + " as it was sent",
            () -> content.assertSameAs(got.orElseThrow()));
        scene.complete("an ack completes", got.orElseThrow().ack());
      }
    }
  }

  @Rule("P6")
  void contentSurvivesRetriesAndDeadLettering() throws Exception {
    Topic<byte @Nullable []> topic = scene.topic(1, Codecs.nullable(Codecs.bytes()));
    Topic<byte @Nullable []> dead = scene.topic(1, Codecs.nullable(Codecs.bytes()));
    Messaging messaging = scene.connectThroughNetwork(Map.of());
    List<Content> contents = Content.samples(scene.limits());
    Faults.Network network = scene.harness().faults().network();
    try (var producer = messaging.producer(topic).open()) {
      scene.complete("a first message is sent", producer.send(contents.get(0).message()));
      scene.fault("the network is cut", network::cut);
      List<CompletableFuture<Receipt>> stages =
          contents.stream().map(content -> producer.send(content.message())).toList();
      network.restore();
      scene.faultEnded("the network is cut");
      for (CompletableFuture<Receipt> stage : stages) {
        scene.complete("a retried send succeeds", stage);
      }
    }
    scene.evidence().sent(contents.size() + 1L);
    try (var consumer =
        scene
            .messaging()
            .consumer(topic)
            .group("dead")
            .startAt(dev.isostream.StartAt.earliest())
            .deadLetterTo(dead.name())
            .open()) {
      for (int i = 0; i <= contents.size(); i++) {
        var got = consumer.receive(scene.timing().patience()).orElseThrow();
        scene.complete("a message is dead-lettered", got.deadLetter("to be compared"));
      }
    }
    try (var reader = scene.messaging().reader(dead).untilEnd().open()) {
      reader.read(scene.timing().patience());
      for (Content content : contents) {
        var got = reader.read(scene.timing().patience());
        scene.evidence().read(1);
        scene.verify(
            "retried and dead-lettered, " + content.what() + " is as it was sent",
            () -> content.assertSameAs(got.orElseThrow(), FidelityRules::withoutDeadLetterHeaders));
      }
    }
  }

  private static Headers withoutDeadLetterHeaders(Headers all) {
    List<Header> own =
        all.asList().stream().filter(h -> !h.name().startsWith("isostream-dead-")).toList();
    return Headers.of(own);
  }
}
