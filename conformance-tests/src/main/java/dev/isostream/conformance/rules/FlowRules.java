package dev.isostream.conformance.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.ClosedException;
import dev.isostream.Message;
import dev.isostream.Messaging;
import dev.isostream.Reader;
import dev.isostream.Settlement;
import dev.isostream.Topic;
import dev.isostream.conformance.Faults;
import dev.isostream.conformance.Rule;
import dev.isostream.conformance.check.Deliveries;
import dev.isostream.conformance.history.Event.Handed;
import dev.isostream.conformance.history.Event.SettleRequested;
import dev.isostream.conformance.scene.Check;
import dev.isostream.conformance.scene.Held;
import dev.isostream.conformance.scene.Probe;
import dev.isostream.conformance.scene.Push;
import dev.isostream.conformance.scene.Scene;
import dev.isostream.conformance.scene.Sender;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** F1 to F6: bounds, pauses, slow handlers, closing, outages. */
public final class FlowRules {

  private final Scene scene;

  /** For one test. */
  public FlowRules(Scene scene) {
    this.scene = scene;
  }

  private Duration failover() {
    return scene.limits().failoverTime().plus(scene.timing().patience());
  }

  @Rule("F1")
  void whatIsFetchedIsBoundedInMessages() throws Exception {
    Topic<String> topic = scene.topic(2);
    scene.sender(topic).sendAndConfirm("m", 400, 400);
    Probe group = scene.probe(scene.messaging(), topic, "bounded", c -> c.maxInFlightMessages(50));
    List<Held> held = group.take(50);
    group.nothing("more messages are in flight than the bound");
    for (Held each : held) {
      each.ack();
    }
    scene.verify(
        "with the settled ones gone, as many come again",
        () -> assertThat(group.take(50)).hasSize(50));
  }

  @Rule("F1")
  void whatIsFetchedIsBoundedInBytes() {
    Topic<String> topic = scene.topic(1);
    String kilobyte = " " + "x".repeat(1024);
    Sender sender = scene.sender(topic);
    List<CompletableFuture<dev.isostream.Receipt>> sent = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      sent.add(sender.send("k" + i, "m-" + i + kilobyte));
    }
    sender.confirm(sent);
    Probe group =
        scene.probe(scene.messaging(), topic, "bounded", c -> c.maxInFlightBytes(20 * 1024));
    List<Held> held = new ArrayList<>(group.take(10));
    while (true) {
      List<Held> more = group.batch(100, scene.timing().silence());
      if (more.isEmpty()) {
        break;
      }
      held.addAll(more);
    }
    scene.verify(
        "the bytes in flight are bounded, but for the last message",
        () -> assertThat(held).hasSizeLessThanOrEqualTo(21));
  }

  @Rule("F2")
  void aPauseKeepsTheShare() throws Exception {
    Topic<String> topic = scene.topic(2);
    Sender sender = scene.sender(topic);
    Probe group = scene.probe(topic, "paused");
    Probe other = scene.probe(scene.connect(), topic, "paused", c -> c);
    scene.await(
        "both members have a partition",
        failover(),
        () ->
            group.consumer().assignment().size() == 1 && other.consumer().assignment().size() == 1);
    Set<String> share = Set.copyOf(group.consumer().assignment());
    int told = changes(group);
    group.consumer().pause();
    sender.sendAndConfirm("m", 40, 40);
    scene.verify(
        "it says that it is paused", () -> assertThat(group.consumer().isPaused()).isTrue());
    scene.neverWithin(
        scene.limits().failoverTime().plusSeconds(1),
        "a paused member is handed a message, or loses its share, for longer than a death takes to"
            + " be noticed",
        () ->
            !group.batch(1, Duration.ZERO).isEmpty()
                || !group.consumer().assignment().equals(share)
                || changes(group) != told);
    group.consumer().resume();
    scene.verify(
        "after resuming it goes on with its share",
        () -> assertThat(group.takeOne().delivery().partition()).isIn(share));
  }

  private static int changes(Probe probe) {
    return probe.listener().told("revoked").size() + probe.listener().told("lost").size();
  }

  @Rule("F3")
  void aHandlerMayTakeLongerThanABrokersTimeout() {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 3, 3);
    CountDownLatch go = new CountDownLatch(1);
    Push slow =
        scene.push(scene.messaging(), topic, "slow", s -> s.concurrency(3), held -> go.await());
    Probe idle = scene.probe(scene.connect(), topic, "slow", c -> c);
    scene.await("handlers run", () -> scene.history().count(Handed.class) == 3);
    scene.neverWithin(
        scene.limits().failoverTime().plusSeconds(1),
        "a member is given up because its handlers are slow, for longer than a death takes to be"
            + " noticed",
        () ->
            !idle.batch(1, Duration.ZERO).isEmpty()
                || !slow.listener().told("lost").isEmpty()
                || !slow.listener().told("revoked").isEmpty());
    go.countDown();
    scene.await(
        "the slow handlers finish", () -> scene.history().count(SettleRequested.class) == 3);
    slow.close();
    idle.nothing("what slow handlers settled comes again");
  }

  @Rule("F4")
  void closeFinishesAndHandsOverAtOnce() throws Exception {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 50, 50);
    CountDownLatch begun = new CountDownLatch(4);
    CountDownLatch go = new CountDownLatch(1);
    Push leaving =
        scene.push(
            scene.connect(),
            topic,
            "leaves",
            s -> s.concurrency(4).drainLimit(scene.timing().patience()),
            held -> {
              begun.countDown();
              go.await();
            });
    Probe heir = scene.probe(scene.connect(), topic, "leaves", c -> c);
    scene.await("handlers run", () -> begun.getCount() == 0);
    AtomicReference<Long> left = new AtomicReference<>();
    Thread closer =
        new Thread(
            () -> {
              leaving.close();
              left.set(System.nanoTime());
            });
    closer.start();
    scene.never("close returns while handlers run", () -> left.get() != null);
    go.countDown();
    scene.await("close returns when they are done", () -> left.get() != null);
    scene.verify(
        "close hands out nothing more",
        () ->
            assertThat(scene.history().all(Handed.class, h -> h.member().equals(leaving.name())))
                .hasSize(4));
    heir.takeOne().ack();
    Duration waited =
        Duration.ofNanos(System.nanoTime() - java.util.Objects.requireNonNull(left.get()));
    scene.verify(
        "what was not handed out goes to others without waiting for the failover time",
        () ->
            assertThat(waited)
                .isLessThan(scene.limits().failoverTime().multipliedBy(2).dividedBy(3)));
    heir.drain(45);
    List<String> ids =
        scene.history().all(Handed.class, h -> true).stream().map(Handed::id).toList();
    scene.verify(
        "what the leaving member settled does not come again",
        () -> assertThat(ids).hasSize(50).doesNotHaveDuplicates());
    heir.nothing("what somebody settled comes again");
    scene.verifyNone(
        "nothing is lost", Deliveries.losses(scene.history().events(), topic.name(), "leaves"));
  }

  @Rule("F4")
  void closeWaitsForHandlersUpToItsLimit() {
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 1, 1);
    CountDownLatch never = new CountDownLatch(1);
    Push stuck = scene.push(scene.connect(), topic, "stuck", s -> s, held -> never.await());
    scene.await("the handler runs", () -> scene.history().count(Handed.class) == 1);
    long begin = System.nanoTime();
    stuck.subscription().close(Duration.ofMillis(300));
    Duration took = Duration.ofNanos(System.nanoTime() - begin);
    scene.verify(
        "close waits for its limit, and no longer",
        () -> assertThat(took).isBetween(Duration.ofMillis(250), scene.timing().patience()));
    never.countDown();
    Probe other = scene.probe(topic, "stuck");
    scene.verify(
        "what did not finish comes again",
        () -> assertThat(other.take(1, failover()).get(0).id()).isEqualTo("m-0"));
  }

  @Rule("F5")
  void everythingOutlivesTheBrokersRestart() throws Exception {
    Faults faults = scene.harness().faults();
    outlives("the broker is killed", scene.connect(), faults::killBroker, faults::startBroker);
  }

  @Rule("F5")
  void everythingOutlivesACutConnection() throws Exception {
    Faults.Network network = scene.harness().faults().network();
    outlives(
        "connections are cut",
        scene.connectThroughNetwork(Map.of()),
        network::cut,
        network::restore);
  }

  private void outlives(String name, Messaging messaging, Check harm, Check end) throws Exception {
    Topic<String> topic = scene.topic(2);
    Sender sender = scene.sender(messaging, topic, p -> p);
    Probe group = scene.probe(messaging, topic, "outlives", c -> c);
    try (Reader<String> reader = messaging.reader(topic).open()) {
      sender.sendAndConfirm("k", "before");
      group.takeOne().ack();
      scene.readNext(reader, "outlives");
      scene.fault(name, harm);
      CompletableFuture<?> during = sender.send("k", "during");
      scene.never("anything is confirmed meanwhile", during::isDone);
      scene.verify(
          "a reader waits meanwhile, and does not fail",
          () -> assertThat(reader.read(scene.timing().silence())).isEmpty());
      end.run();
      scene.faultEnded(name);
      Duration limit = scene.limits().reconnectTime().plus(scene.timing().patience());
      scene.await("the producer goes on by itself", limit, during::isDone);
      scene.verify(
          "what was sent meanwhile is confirmed",
          () -> assertThat(during.isCompletedExceptionally()).isFalse());
      Held held = group.take(1, limit.plus(failover())).get(0);
      scene.verify("the member goes on by itself", () -> assertThat(held.id()).isEqualTo("during"));
      scene.await(
          "its acks become durable again",
          limit,
          () -> held.ackLater().handle((s, f) -> s != null).join());
      scene.verify(
          "the reader goes on by itself",
          () -> assertThat(scene.readNext(reader, "outlives").payload()).isEqualTo("during"));
    }
  }

  @Rule("F5")
  void whatIsOpenedMeanwhileOpensAfterwards() throws Exception {
    Topic<String> topic = scene.topic(1);
    Faults.Network network = scene.harness().faults().network();
    Messaging messaging = scene.connectThroughNetwork(Map.of());
    scene.sender(messaging, topic, p -> p).sendAndConfirm("k", "before");
    scene.fault("connections are cut", network::cut);
    CompletableFuture<Sender> sender = opening(() -> scene.sender(messaging, topic, p -> p));
    CompletableFuture<Probe> group =
        opening(() -> scene.probe(messaging, topic, "opened-meanwhile", c -> c));
    CompletableFuture<Reader<String>> reader =
        opening(() -> scene.closing(messaging.reader(topic).open()));
    List<CompletableFuture<?>> all = List.of(sender, group, reader);
    scene.never(
        "anything opens, or fails, meanwhile",
        () -> all.stream().anyMatch(CompletableFuture::isDone));
    network.restore();
    scene.faultEnded("connections are cut");
    Duration limit = scene.limits().reconnectTime().plus(scene.timing().patience());
    scene.await(
        "all open by themselves", limit, () -> all.stream().allMatch(CompletableFuture::isDone));
    sender.join().sendAndConfirm("k", "after");
    scene.verify(
        "the member has all", () -> assertThat(group.join().takeOne().id()).isEqualTo("before"));
    scene.verify(
        "the reader has all",
        () ->
            assertThat(scene.readNext(reader.join(), "opened-meanwhile").payload())
                .isEqualTo("before"));
  }

  private static <T> CompletableFuture<T> opening(Supplier<T> open) {
    return CompletableFuture.supplyAsync(open, task -> new Thread(task, "opener").start());
  }

  @Rule("F6")
  void closingTwiceAndUseAfterwardsAreSafe() throws Exception {
    Topic<String> topic = scene.topic(1);
    Messaging messaging = scene.connect();
    Sender sender = scene.sender(messaging, topic, p -> p);
    Probe group = scene.probe(messaging, topic, "closed", c -> c);
    Push push = scene.push(messaging, topic, "pushed", s -> s, held -> {});
    Reader<String> reader = scene.closing(messaging.reader(topic).open());
    sender.sendAndConfirm("k", "m");
    Held held = group.takeOne();
    List<AutoCloseable> all =
        List.of(
            sender.producer(), reader, group.consumer(), push.subscription(), messaging, messaging);
    List<Throwable> failures = closeFromManyThreads(all);
    scene.verify(
        "everything closes twice, from any thread, in any order",
        () -> assertThat(failures).isEmpty());
    usedAfterClose("a producer", () -> sender.producer().send(Message.of("x")).get());
    usedAfterClose("a consumer", () -> group.consumer().receive(Duration.ofMillis(10)));
    usedAfterClose("a reader", () -> reader.read(Duration.ofMillis(10)));
    usedAfterClose("a reader's seek", () -> reader.seek(dev.isostream.StartAt.earliest()));
    usedAfterClose("a connection's producer", () -> messaging.producer(topic).open());
    usedAfterClose("a connection's reader", () -> messaging.reader(topic).open());
    usedAfterClose("a connection's member", () -> messaging.consumer(topic).group("later").open());
    usedAfterClose("a connection's topics", () -> messaging.topics().list());
    usedAfterClose("a connection's groups", () -> messaging.groups().list(topic.name()));
    scene.verify(
        "a delivery of a closed member can't be settled any more",
        () -> {
          try {
            assertThat(held.ack()).isNotEqualTo(Settlement.DONE);
          } catch (java.util.concurrent.ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(dev.isostream.MessagingException.class);
          }
        });
  }

  private void usedAfterClose(String what, Check use) {
    scene.refused("use of " + what + " after close fails", ClosedException.class, use);
  }

  private List<Throwable> closeFromManyThreads(List<AutoCloseable> all) {
    List<Throwable> failures = new java.util.concurrent.CopyOnWriteArrayList<>();
    List<Thread> threads =
        Stream.of(all, reversed(all), all)
            .map(
                order ->
                    new Thread(
                        () -> {
                          for (AutoCloseable each : order) {
                            try {
                              each.close();
                            } catch (Exception | Error e) {
                              failures.add(e);
                            }
                          }
                        }))
            .toList();
    threads.forEach(Thread::start);
    scene.await(
        "closing from several threads ends", () -> threads.stream().noneMatch(Thread::isAlive));
    return failures;
  }

  private static List<AutoCloseable> reversed(List<AutoCloseable> all) {
    List<AutoCloseable> reversed = new ArrayList<>(all);
    java.util.Collections.reverse(reversed);
    return reversed;
  }
}
