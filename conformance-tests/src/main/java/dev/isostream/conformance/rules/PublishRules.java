package dev.isostream.conformance.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.BufferFullException;
import dev.isostream.ClosedException;
import dev.isostream.InvalidRequestException;
import dev.isostream.LimitExceededException;
import dev.isostream.Message;
import dev.isostream.Messaging;
import dev.isostream.Position;
import dev.isostream.Producer;
import dev.isostream.Reader;
import dev.isostream.Receipt;
import dev.isostream.Received;
import dev.isostream.SendFailedException;
import dev.isostream.Topic;
import dev.isostream.TopicNotFoundException;
import dev.isostream.conformance.Rule;
import dev.isostream.conformance.scene.Scene;
import dev.isostream.conformance.scene.Sender;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** P1, P3, P5, P7, P8, P9: what a send comes to. */
public final class PublishRules {

  private static final String NETWORK = "nothing gets through";

  private final Scene scene;

  /** For one test. */
  public PublishRules(Scene scene) {
    this.scene = scene;
  }

  @Rule("P1")
  void whatWasConfirmedSurvivesTheBrokersCrash() throws Exception {
    Topic<String> topic = scene.topic(2);
    Sender sender = scene.sender(topic);
    List<String> ids = sender.sendAndConfirm("m", 200, 7);
    scene.fault("the broker is killed", scene.harness().faults()::killBroker);
    scene.harness().faults().startBroker();
    scene.faultEnded("the broker is killed");
    scene.verify(
        "what was confirmed is stored after the broker's crash",
        () ->
            assertThat(scene.readAll(scene.connect(), topic, r -> r))
                .extracting(Received::payload)
                .containsExactlyInAnyOrderElementsOf(ids));
  }

  @Rule("P1")
  void theStageWaitsForTheBrokerAndTheReceiptHasThePosition() throws Exception {
    Topic<String> topic = scene.topic(1);
    Sender sender = scene.sender(scene.connectThroughNetwork(Map.of()), topic, p -> p);
    sender.sendAndConfirm("k", "before");
    var network = scene.harness().faults().network();
    scene.fault(NETWORK, network::hold);
    CompletableFuture<Receipt> stage = sender.send("k", "during");
    scene.never("a send is confirmed that the broker can't have", stage::isDone);
    network.restore();
    scene.faultEnded(NETWORK);
    Receipt receipt = scene.complete("the send is confirmed when the broker has it", stage);
    Position position = scene.complete("the receipt tells the position", receipt.position());
    try (Reader<String> reader = scene.messaging().reader(topic).from(position).open()) {
      scene.verify(
          "the receipt's position is the message's",
          () -> assertThat(scene.readNext(reader, "check").payload()).isEqualTo("during"));
    }
  }

  @Rule("P3")
  void aTransientFailureIsRetriedAndALongOneIsDecided() throws Exception {
    Topic<String> topic = scene.topic(1);
    Messaging messaging = scene.connectThroughNetwork(Map.of());
    Sender sender = scene.sender(messaging, topic, p -> p);
    Sender hasty = scene.sender(messaging, topic, p -> p.deliveryTimeout(scene.brief()));
    sender.sendAndConfirm("k", "first");
    hasty.sendAndConfirm("k", "first of the hasty");
    var network = scene.harness().faults().network();
    scene.fault("the network is cut", network::cut);
    CompletableFuture<Receipt> retried = sender.send("k", "retried");
    scene.never("a send fails before its delivery timeout", retried::isDone);
    network.restore();
    scene.faultEnded("the network is cut");
    scene.complete("a send that failed transiently is retried and succeeds", retried);
    scene.fault("the network is cut for long", network::cut);
    List<CompletableFuture<Receipt>> doomed = hasty.sendMany("doomed", 5, 2);
    failsInTime(doomed);
    network.restore();
    scene.faultEnded("the network is cut for long");
    sender.sendAndConfirm("k", "last");
    deniedMeansAbsent(topic);
  }

  @Rule("P3")
  void aSilentBrokerLeavesNoSendUndecided() throws Exception {
    Topic<String> topic = scene.topic(1);
    Sender sender =
        scene.sender(
            scene.connectThroughNetwork(Map.of()), topic, p -> p.deliveryTimeout(scene.brief()));
    sender.sendAndConfirm("k", "first");
    var network = scene.harness().faults().network();
    scene.fault(NETWORK, network::hold);
    List<CompletableFuture<Receipt>> silent = sender.sendMany("silent", 5, 2);
    failsInTime(silent);
    scene.verify(
        "what a silent broker was given may be stored, and says so",
        () -> assertThat(silent).anyMatch(PublishRules::isMaybeStored));
    network.restore();
    scene.faultEnded(NETWORK);
    deniedMeansAbsent(topic);
  }

  private static boolean isMaybeStored(CompletableFuture<Receipt> stage) {
    Throwable failure = Scene.unwrapped(stage.handle((done, why) -> why).join());
    return failure instanceof SendFailedException send && send.isMaybeStored();
  }

  private void failsInTime(List<CompletableFuture<Receipt>> stages) {
    scene.await(
        "each send is decided by its delivery timeout",
        scene.brief().plus(scene.timing().patience()),
        () -> stages.stream().allMatch(CompletableFuture::isDone));
    for (CompletableFuture<Receipt> stage : stages) {
      scene.refused(
          "an undeliverable send fails as decided", SendFailedException.class, stage::get);
    }
  }

  /** Who is told "not stored" may send again; so it must be true. */
  private void deniedMeansAbsent(Topic<String> topic) {
    List<String> stored = scene.readAll(topic).stream().map(Received::payload).toList();
    var denied =
        scene
            .history()
            .all(dev.isostream.conformance.history.Event.SendFailed.class, e -> !e.maybeStored());
    scene.verify(
        "a send that failed as not stored is not stored",
        () -> assertThat(denied).noneMatch(e -> stored.contains(e.id())));
  }

  @Rule("P5")
  void pastTheBoundOfMessagesSendWaitsThenFails() throws Exception {
    Topic<String> topic = scene.topic(1);
    Duration maxBlock = scene.timing().silence();
    Sender sender =
        scene.sender(
            scene.connectThroughNetwork(Map.of()),
            topic,
            p -> p.maxInFlightMessages(5).maxBlock(maxBlock));
    sender.sendAndConfirm("k", "first");
    var network = scene.harness().faults().network();
    scene.fault(NETWORK, network::hold);
    List<CompletableFuture<Receipt>> inFlight = sender.sendMany("in", 5, 5);
    overflow(sender, maxBlock, "x");
    CompletionStage<Void> room = sender.producer().whenRoom();
    scene.never("there is room while nothing got out", () -> room.toCompletableFuture().isDone());
    network.restore();
    scene.faultEnded(NETWORK);
    scene.complete("whenRoom completes when there is room", room);
    sender.confirm(inFlight);
    sender.sendAndConfirm("k", "last");
    scene.verify(
        "what did not get in was not sent",
        () ->
            assertThat(scene.readAll(topic))
                .extracting(Received::payload)
                .containsExactly("first", "in-0", "in-1", "in-2", "in-3", "in-4", "last"));
  }

  @Rule("P5")
  void pastTheBoundOfBytesSendWaitsThenFails() throws Exception {
    Topic<String> topic = scene.topic(1);
    Duration maxBlock = scene.timing().silence();
    Sender sender =
        scene.sender(
            scene.connectThroughNetwork(Map.of()),
            topic,
            p -> p.maxInFlightBytes(3000).maxBlock(maxBlock));
    sender.sendAndConfirm("k", "first");
    var network = scene.harness().faults().network();
    scene.fault(NETWORK, network::hold);
    String kilobyte = " " + "x".repeat(1000);
    List<CompletableFuture<Receipt>> inFlight =
        List.of(sender.send("k", "a" + kilobyte), sender.send("k", "b" + kilobyte));
    overflow(sender, maxBlock, kilobyte);
    network.restore();
    scene.faultEnded(NETWORK);
    sender.confirm(inFlight);
  }

  private void overflow(Sender sender, Duration maxBlock, String payload) {
    long begin = System.nanoTime();
    scene.refused(
        "a send past the bound fails as one for which there is no room",
        BufferFullException.class,
        () ->
            sender
                .producer()
                .send(Message.of("over" + payload))
                .get(scene.timing().patience().toMillis(), TimeUnit.MILLISECONDS));
    Duration waited = Duration.ofNanos(System.nanoTime() - begin);
    scene.verify(
        "a send past the bound waits for maxBlock first",
        () ->
            assertThat(waited)
                .isGreaterThanOrEqualTo(maxBlock.multipliedBy(9).dividedBy(10))
                .isLessThan(maxBlock.plus(scene.timing().patience())));
    Optional<?> tried = sender.producer().trySend(Message.of("over" + payload));
    scene.verify("trySend says that there is no room", () -> assertThat(tried).isEmpty());
  }

  @Rule("P7")
  void whatCantBeStoredFailsBeforeAnythingIsSent() throws Exception {
    Topic<String> topic = scene.topic(1);
    Sender sender = scene.sender(scene.connectThroughNetwork(Map.of()), topic, p -> p);
    sender.sendAndConfirm("k", "stored");
    int mostBytes = scene.limits().maxMessageBytes();
    int mostKey = scene.limits().maxKeyBytes();
    var network = scene.harness().faults().network();
    scene.fault(NETWORK, network::hold);
    Producer<String> producer = sender.producer();
    LimitExceededException large =
        scene.refused(
            "a message that is too large is refused",
            LimitExceededException.class,
            () -> producer.send(Message.of("x".repeat(mostBytes + 1))).getNow(null));
    scene.verify(
        "the error names the limit and the value",
        () ->
            assertThat(String.valueOf(large.getMessage()).replaceAll("[,_ ]", ""))
                .contains(Integer.toString(mostBytes))
                .contains(Integer.toString(mostBytes + 1)));
    scene.refused(
        "a key that is too long is refused",
        LimitExceededException.class,
        () -> producer.send(Message.of("p").key("k".repeat(mostKey + 1))).getNow(null));
    scene.refused(
        "a reserved header name is refused",
        InvalidRequestException.class,
        () -> producer.send(Message.of("p").header("isostream-seq", "1")).getNow(null));
    network.restore();
    scene.faultEnded(NETWORK);
    scene.verify(
        "what was refused was not sent",
        () ->
            assertThat(scene.readAll(topic))
                .extracting(Received::payload)
                .containsExactly("stored"));
  }

  @Rule("P7")
  void absentTopicsIllegalNamesAndClosedProducersAreRefused() {
    TopicNotFoundException absent =
        scene.refused(
            "a producer of an absent topic is refused",
            TopicNotFoundException.class,
            () -> scene.sender(Topic.of(scene.unique("absent"), dev.isostream.Codecs.utf8())));
    scene.verify(
        "the error names the topic", () -> assertThat(absent).hasMessageContaining("absent"));
    for (String name : List.of("", "a/b", "ä", ".", "..", "x".repeat(201), "a b")) {
      scene.refused(
          "an illegal topic name is refused",
          InvalidRequestException.class,
          () -> scene.messaging().topics().create(name, 1));
    }
    Topic<String> topic = scene.topic(1);
    Sender sender = scene.sender(topic);
    sender.producer().close();
    scene.refused(
        "a send after close is refused",
        ClosedException.class,
        () -> sender.producer().send(Message.of("late")).getNow(null));
    scene.verify("nothing of it was sent", () -> assertThat(scene.readAll(topic)).isEmpty());
  }

  @Rule("P8")
  void flushCompletesWhenEverythingBeforeItIsDecided() throws Exception {
    Topic<String> topic = scene.topic(1);
    Messaging messaging = scene.connectThroughNetwork(Map.of());
    Sender sender = scene.sender(messaging, topic, p -> p);
    Sender hasty = scene.sender(messaging, topic, p -> p.deliveryTimeout(scene.brief()));
    sender.sendAndConfirm("k", "first");
    hasty.sendAndConfirm("k", "first of the hasty");
    var network = scene.harness().faults().network();
    scene.fault(NETWORK, network::hold);
    List<CompletableFuture<Receipt>> stages = sender.sendMany("m", 10, 3);
    AtomicReference<Long> undecided = new AtomicReference<>(-1L);
    CompletableFuture<Void> flush = sender.producer().flush();
    CompletableFuture<Void> counted =
        flush.thenRun(
            () -> undecided.set(stages.stream().filter(stage -> !stage.isDone()).count()));
    scene.never("flush completes while sends before it are undecided", flush::isDone);
    network.restore();
    scene.faultEnded(NETWORK);
    scene.complete("flush completes once they are decided", counted);
    scene.verify(
        "nothing before the flush was undecided when it completed",
        () -> assertThat(undecided.get()).isZero());
    scene.fault("the network is cut", network::cut);
    List<CompletableFuture<Receipt>> doomed = hasty.sendMany("doomed", 3, 3);
    Duration limit = scene.brief().plus(scene.timing().patience());
    scene.verify(
        "flush completes normally where sends fail",
        () -> hasty.producer().flush().get(limit.toMillis(), TimeUnit.MILLISECONDS));
    scene.verify(
        "nothing before that flush was undecided when it completed",
        () -> assertThat(doomed).allMatch(CompletableFuture::isDone));
    network.restore();
  }

  @Rule("P8")
  void closeRefusesFlushesAndFailsTheRestInTime() throws Exception {
    Topic<String> topic = scene.topic(1);
    Sender quick = scene.sender(topic);
    List<CompletableFuture<Receipt>> flushed = quick.sendMany("flushed", 50, 5);
    quick.producer().close();
    scene.verify(
        "close flushes",
        () ->
            assertThat(flushed)
                .allMatch(stage -> stage.isDone() && !stage.isCompletedExceptionally()));
    Sender sender = scene.sender(scene.connectThroughNetwork(Map.of()), topic, p -> p);
    sender.sendAndConfirm("k", "first");
    var network = scene.harness().faults().network();
    scene.fault(NETWORK, network::hold);
    CompletableFuture<Receipt> stuck = sender.send("k", "stuck");
    long begin = System.nanoTime();
    sender.producer().close(scene.timing().silence());
    Duration took = Duration.ofNanos(System.nanoTime() - begin);
    SendFailedException failed =
        scene.refused(
            "close fails what is undecided at its limit",
            SendFailedException.class,
            () -> stuck.getNow(null));
    scene.verify(
        "what close failed may be stored, and says so",
        () -> assertThat(failed.isMaybeStored()).isTrue());
    scene.verify(
        "close keeps its time limit",
        () ->
            assertThat(took).isLessThan(scene.timing().silence().plus(scene.timing().patience())));
    network.restore();
    scene.faultEnded(NETWORK);
  }

  @Rule("P9")
  void whatFailsInABatchFailsAlone() throws Exception {
    Topic<String> topic = scene.topic(1);
    Sender sender = scene.sender(topic);
    List<Message<String>> batch = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      boolean bad = i % 10 == 5;
      String payload = bad ? "x".repeat(scene.limits().maxMessageBytes() + 1) : "m-" + i;
      batch.add(Message.of(payload).key("k" + i % 3));
    }
    List<CompletableFuture<Receipt>> stages = sender.producer().sendAll(batch);
    scene.evidence().sent(batch.size());
    scene.verify("each message of a batch has a stage", () -> assertThat(stages).hasSize(30));
    List<String> good = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      CompletableFuture<Receipt> stage = stages.get(i);
      if (i % 10 == 5) {
        scene.refused("the bad one fails", LimitExceededException.class, stage::get);
      } else {
        scene.verify(
            "a message beside a bad one is stored",
            () -> scene.complete("a message beside a bad one is decided", stage));
        good.add("m-" + i);
      }
    }
    scene.verify(
        "the others are stored in the order of the calls",
        () ->
            assertThat(scene.readAll(topic))
                .extracting(Received::payload)
                .containsExactlyElementsOf(good));
  }
}
