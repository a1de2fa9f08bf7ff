package dev.isostream.conformance.rules;

import static dev.isostream.conformance.scene.DeadLetterBox.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Codecs;
import dev.isostream.Consumer;
import dev.isostream.Delivery;
import dev.isostream.Exhausted;
import dev.isostream.Message;
import dev.isostream.MessagingException;
import dev.isostream.Position;
import dev.isostream.Received;
import dev.isostream.Retry;
import dev.isostream.Settlement;
import dev.isostream.StartAt;
import dev.isostream.Topic;
import dev.isostream.conformance.Foreign;
import dev.isostream.conformance.Rule;
import dev.isostream.conformance.history.Event.Handed;
import dev.isostream.conformance.scene.DeadLetterBox;
import dev.isostream.conformance.scene.Probe;
import dev.isostream.conformance.scene.Push;
import dev.isostream.conformance.scene.Scene;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** D6: what does not fit as a dead letter, and what happens where there is no topic for them. */
public final class GivingUpRules {

  private static final int ROOM = 4096;

  private final Scene scene;

  /** For one test. */
  public GivingUpRules(Scene scene) {
    this.scene = scene;
  }

  private static Retry attempts(int attempts) {
    return Retry.fixed(Duration.ZERO).maxAttempts(attempts);
  }

  private Duration failover() {
    return scene.limits().failoverTime().plus(scene.timing().patience());
  }

  @Rule("D6")
  void theLargestMessageFitsWithItsHeaders() throws Exception {
    Topic<byte[]> topic = scene.topic(1, Codecs.bytes());
    DeadLetterBox box = scene.deadLetters();
    byte[] largest = new byte[scene.limits().maxMessageBytes()];
    try (var producer = scene.messaging().producer(topic).open()) {
      scene.complete("the largest message is sent", producer.send(Message.of(largest)));
    }
    scene.evidence().sent(1);
    String reason = "r".repeat(5000);
    Received<byte @Nullable []> letter = givenUp(topic, "largest", box, reason);
    scene.verify(
        "the declared size leaves room for the headers of dead letters",
        () -> {
          assertThat(letter.body().orElseThrow()).isEqualTo(largest);
          assertThat(header(letter, "stub")).isEmpty();
          assertThat(header(letter, "reason")).hasValue("r".repeat(1024));
        });
  }

  @Rule("D6")
  void ofALargerForeignMessageTheReasonIsCutAndThenAStubIsStored() throws Exception {
    Topic<byte[]> topic = scene.topic(1, Codecs.bytes());
    DeadLetterBox box = scene.deadLetters();
    String reason = "r".repeat(1024);
    byte[] large = new byte[scene.limits().maxMessageBytes() + ROOM - 1200];
    byte[] larger = new byte[scene.limits().maxMessageBytes() + ROOM];
    scene
        .harness()
        .foreign()
        .write(
            topic.name(),
            List.of(
                new Foreign.Entry(null, large, List.of()),
                new Foreign.Entry(null, larger, List.of())));
    scene.evidence().sent(2);
    Received<byte @Nullable []> cut = givenUp(topic, "foreign", box, reason);
    scene.verify(
        "of a larger message the reason is cut first",
        () -> {
          assertThat(cut.body().orElseThrow()).isEqualTo(large);
          assertThat(header(cut, "reason").orElseThrow()).hasSizeLessThan(1024);
          assertThat(reason).startsWith(header(cut, "reason").orElseThrow());
        });
    Received<byte @Nullable []> stub = givenUp(topic, "foreign", box, reason);
    scene.verify(
        "then a stub with the source position is stored",
        () -> {
          assertThat(stub.body()).isEmpty();
          assertThat(Long.parseLong(header(stub, "stub").orElseThrow()))
              .isGreaterThanOrEqualTo(larger.length);
          assertThat(Position.parse(header(stub, "position").orElseThrow()).topic())
              .isEqualTo(topic.name());
          assertThat(header(stub, "group")).hasValue("foreign");
        });
  }

  /** Dead-letters the group's next message, and gives the newest dead letter. */
  private Received<byte @Nullable []> givenUp(
      Topic<byte[]> topic, String group, DeadLetterBox box, String reason) throws Exception {
    try (Consumer<byte[]> consumer =
        scene
            .messaging()
            .consumer(topic)
            .group(group)
            .startAt(StartAt.earliest())
            .deadLetterTo(box.name())
            .open()) {
      Delivery<byte[]> delivery = consumer.receive(scene.timing().patience()).orElseThrow();
      Settlement settlement = scene.complete("it is stored", delivery.deadLetter(reason));
      scene.verify("and settled", () -> assertThat(settlement).isEqualTo(Settlement.DONE));
    }
    List<Received<byte @Nullable []>> all = box.now();
    scene.verify("the dead letter is in its topic", () -> assertThat(all).isNotEmpty());
    return all.get(all.size() - 1);
  }

  @Rule("D6")
  void boundedAttemptsWithoutAnEndAreRefused() {
    Topic<String> topic = scene.topic(1);
    scene.refused(
        "bounded attempts with neither a dead-letter topic nor another choice are refused",
        MessagingException.class,
        () -> scene.probe(scene.messaging(), topic, "endless", c -> c.retry(attempts(5))));
    scene.refused(
        "the default retry is one of those",
        MessagingException.class,
        () -> scene.closing(scene.messaging().consumer(topic).group("endless").open()));
    scene.refused(
        "a dead-letter topic that is not there is refused",
        dev.isostream.TopicNotFoundException.class,
        () -> probe(topic, "endless", scene.unique("absent")));
    scene.verify(
        "what was refused leaves no group behind",
        () -> assertThat(scene.messaging().groups().list(topic.name())).isEmpty());
  }

  @Rule("D6")
  void stoppingIsAChoice() throws Exception {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 4, 2);
    Push stops = failing(topic, Exhausted.STOP);
    scene.await(
        "a member that is to stop when attempts are used up stops with an error",
        () ->
            stops.subscription().failure().isPresent()
                && stops.subscription().stopped().toCompletableFuture().isCompletedExceptionally());
    stops.close();
    scene.verify(
        "it tried as often as was asked for", () -> assertThat(handings("m-0")).isEqualTo(2));
    Push again = failing(topic, Exhausted.STOP);
    scene.await(
        "what stopped a member stays: it stops the next one",
        failover(),
        () -> again.subscription().failure().isPresent());
  }

  @Rule("D6")
  void discardingIsAChoice() throws Exception {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 4, 2);
    Push discards = failing(topic, Exhausted.DISCARD);
    scene.await(
        "a message whose attempts are used up is discarded, and that is told",
        () -> discards.listener().told("discarded").size() == 1);
    scene.await("its key and the others go on", () -> handings("m-2") == 1 && handings("m-3") == 1);
    discards.close();
    Probe after =
        scene.probe(
            scene.messaging(),
            topic,
            "given-up",
            c -> c.retry(attempts(2)).whenExhausted(Exhausted.DISCARD));
    after.nothing("a discarded message comes again");
    scene.verify(
        "it was tried as often as was asked for", () -> assertThat(handings("m-0")).isEqualTo(2));
  }

  private Push failing(Topic<String> topic, Exhausted action) {
    return scene.push(
        scene.connect(),
        topic,
        "given-up",
        s -> s.retry(attempts(2)).whenExhausted(action),
        held -> {
          if (held.id().equals("m-0")) {
            throw new IllegalStateException("fails for the test");
          }
        });
  }

  private Probe probe(Topic<String> topic, String group, String box) {
    return scene.probe(
        scene.messaging(), topic, group, c -> c.retry(attempts(3)).deadLetterTo(box));
  }

  private int handings(String id) {
    return scene.history().all(Handed.class, h -> h.id().equals(id)).size();
  }
}
