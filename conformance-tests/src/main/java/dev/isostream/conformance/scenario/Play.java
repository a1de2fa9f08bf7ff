package dev.isostream.conformance.scenario;

import dev.isostream.Codecs;
import dev.isostream.Messaging;
import dev.isostream.Producer;
import dev.isostream.Receipt;
import dev.isostream.StartAt;
import dev.isostream.Topic;
import dev.isostream.conformance.BrokerHarness;
import dev.isostream.conformance.Faults;
import dev.isostream.conformance.NotAvailableException;
import dev.isostream.conformance.Transcript;
import dev.isostream.conformance.history.Event;
import dev.isostream.conformance.history.Event.Handed;
import dev.isostream.conformance.scenario.Scenario.PlannedGroup;
import dev.isostream.conformance.scenario.Scenario.PlannedTopic;
import dev.isostream.conformance.scene.Label;
import dev.isostream.conformance.scene.Scene;
import dev.isostream.conformance.scene.Worker;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Plays a scenario on a backend.
 *
 * <p>Phase 1: members of all groups work; one with a handler leaves, and one without leaves with
 * messages in hand. Phase 2: a member in a process of its own works, and is killed with messages in
 * hand. Phase 3: the broker is killed and started again, with sends undecided and messages in hand.
 * Then everything is read again, from several places, two groups are reset, and they start anew.
 * Confined to one thread.
 */
public final class Play {

  /** After so many handings the member that is to die keeps what it gets. */
  private static final int WORKS = 5;

  /** A death with two or more in hand is counted for none. */
  private static final int KEEPS = 2;

  private final Scene scene;
  private final Scenario scenario;
  private final Faults.@Nullable Network network;
  private final Messaging members;
  private final Messaging producers;
  private final Map<String, Topic<byte @Nullable []>> topics = new HashMap<>();
  private final Map<String, List<Producer<byte @Nullable []>>> senders = new HashMap<>();
  private final Map<String, Casting> castings = new HashMap<>();
  private final Completion completion;
  private final Replays replays;

  private Play(Scene scene, Scenario scenario) {
    this.scene = scene;
    this.scenario = scenario;
    this.network = network(scene);
    this.members = network == null ? scene.connect() : scene.connectThroughNetwork(Map.of());
    this.producers = network == null ? scene.connect() : scene.connectThroughNetwork(Map.of());
    scenario.topics().forEach(this::create);
    scenario.groups().forEach(this::cast);
    this.completion = new Completion(scene, scenario, group -> topic(group.topic()).name());
    this.replays = new Replays(scene, topics);
  }

  /** A broker that must not be harmed is not, and nothing else is played there. */
  private static Faults.@Nullable Network network(Scene scene) {
    try {
      return scene.harness().faults().network();
    } catch (NotAvailableException e) {
      return null;
    }
  }

  /**
   * Plays it, and gives what was recorded.
   *
   * <p>Blocks: for a minute or so on a broker that has to notice a death.
   *
   * <p>Fails: with an {@link AssertionError} where something that has to happen did not.
   */
  public static Recording play(BrokerHarness harness, Transcript transcript, Scenario scenario)
      throws Exception {
    try (Scene scene = new Scene(harness, transcript, "scenario")) {
      Map<String, String> names = new HashMap<>();
      Play play = new Play(scene, scenario);
      play.topics.forEach((name, topic) -> names.put(topic.name(), name));
      play.play();
      return new Recording(scene.history().events(), names, scene.limits().ackLossOnBrokerCrash());
    }
  }

  private void create(PlannedTopic planned) {
    Topic<byte @Nullable []> topic =
        scene.topic(planned.partitions(), Codecs.nullable(Codecs.bytes()));
    topics.put(planned.name(), topic);
    List<Producer<byte @Nullable []>> each = new ArrayList<>();
    for (int i = 0; i < Scenario.PRODUCERS; i++) {
      each.add(scene.closing(producers.producer(topic).open()));
    }
    senders.put(planned.name(), each);
  }

  private void cast(PlannedGroup group) {
    String letters = scene.topic(1, Codecs.bytes()).name();
    Topic<byte @Nullable []> topic = topic(group.topic());
    castings.put(group.name(), new Casting(scene, scenario, group, members, topic, letters));
  }

  private Topic<byte @Nullable []> topic(PlannedTopic planned) {
    return found(topics, planned.name());
  }

  private static <V> V found(Map<String, V> all, String name) {
    V value = all.get(name);
    if (value == null) {
      throw new IllegalArgumentException("no " + name + " among " + all.keySet());
    }
    return value;
  }

  private PushPlayer push(PlannedGroup group) {
    return PushPlayer.join(found(castings, group.name()));
  }

  private PullPlayer pull(PlannedGroup group) {
    return PullPlayer.join(found(castings, group.name()));
  }

  private void play() throws Exception {
    PushPlayer audit = push(scenario.audit());
    List<AutoCloseable> stay = new ArrayList<>(List.of(audit));
    stay.addAll(aMemberLeaves());
    stay.add(aMemberIsKilled());
    PullPlayer holder = (PullPlayer) stay.get(stay.size() - 1);
    Instant phase3 = theBrokerIsKilled(holder);
    completion.await(scenario.groups(), 0, Scenario.PHASES - 1);
    leave(stay);
    for (PlannedGroup group : scenario.groups()) {
      letters(group, 0);
    }
    replays.everything();
    replays.fromPositions(scenario);
    replays.since(phase3);
    startAnew(phase3);
  }

  private static void leave(List<AutoCloseable> all) throws Exception {
    for (AutoCloseable member : all) {
      member.close();
    }
  }

  /** Phase 1. Gives those that stay. */
  private List<AutoCloseable> aMemberLeaves() throws Exception {
    PushPlayer leaves = push(scenario.billing());
    PullPlayer alone = pull(scenario.stats());
    alone.hold();
    List<CompletableFuture<Receipt>> sent = send(0);
    scene.await("a member has messages in hand when it leaves", alone::holds);
    alone.close();
    completion.awaitSome(scenario.billing(), 0);
    leaves.close();
    List<AutoCloseable> stay = List.of(push(scenario.billing()), pull(scenario.stats()));
    confirm(sent);
    completion.await(scenario.groups(), 0, 0);
    return stay;
  }

  /** Phase 2. Gives the member that takes the dead one's place. */
  private PullPlayer aMemberIsKilled() throws Exception {
    PlannedGroup group = scenario.billing();
    Casting casting = found(castings, group.name());
    Worker worker =
        scene.worker(
            casting.topic(),
            group.name(),
            spec -> spec.attempts(group.maxAttempts(), casting.deadLetters()).labelled());
    scene.await(
        "both members have partitions",
        scene.limits().failoverTime().plus(scene.timing().patience()),
        () -> hasMembers(casting, 2));
    List<CompletableFuture<Receipt>> sent = send(1);
    work(worker, group);
    worker.kill();
    PullPlayer heir = pull(group);
    confirm(sent);
    completion.await(scenario.groups(), 1, 1);
    return heir;
  }

  private boolean hasMembers(Casting casting, int count) {
    var members =
        scene.messaging().groups().describe(casting.topic().name(), casting.group().name());
    return members
        .map(group -> group.members().stream().filter(m -> !m.partitions().isEmpty()).count())
        .orElse(0L)
        .equals((long) count);
  }

  /** Has it do what the scenario says for a while, and then nothing. */
  private void work(Worker worker, PlannedGroup group) {
    int seen = 0;
    for (int kept = 0; kept < KEEPS; seen++) {
      Handed handed = worker.awaitHanded(seen + 1).get(seen);
      if (seen >= WORKS) {
        kept++;
        continue;
      }
      Verdict verdict = scenario.verdict(group, Label.name(handed.id()), handed.attempt());
      switch (verdict.kind()) {
        case ACK -> worker.ack(handed);
        case NACK, THROW -> worker.nack(handed, verdict.delay());
        case DEAD_LETTER -> worker.deadLetter(handed, verdict.reason());
      }
    }
  }

  /** Phase 3. Gives an instant between what was sent before and now. */
  private Instant theBrokerIsKilled(PullPlayer holder) throws Exception {
    Instant before = replays.newest();
    scene.await(
        "time goes by between phases",
        () -> Instant.now().isAfter(before.plus(Duration.ofMillis(5))));
    holder.hold();
    List<CompletableFuture<Receipt>> sent = new ArrayList<>(sendSome(2, 0));
    scene.await("a member has messages in hand", holder::holds);
    if (network == null) {
      sent.addAll(sendSome(2, 1));
    } else {
      network.hold();
      sent.addAll(sendSome(2, 1));
      scene.fault(Recording.BROKER_KILLED, scene.harness().faults()::killBroker);
      scene.harness().faults().startBroker();
      network.restore();
      scene.faultEnded(Recording.BROKER_KILLED);
    }
    holder.goOn();
    confirm(sent);
    return replays.firstAfter(before);
  }

  /** Two groups are reset, each to another place, and start anew. */
  private void startAnew(Instant phase3) throws Exception {
    boolean swapped = scenario.seed() % 2 == 0;
    reset(scenario.billing(), swapped ? StartAt.earliest() : StartAt.timestamp(phase3));
    reset(scenario.stats(), swapped ? StartAt.timestamp(phase3) : StartAt.earliest());
    List<AutoCloseable> again =
        List.of(push(scenario.billing()), pull(scenario.billing()), pull(scenario.stats()));
    int last = Scenario.PHASES - 1;
    completion.await(List.of(scenario.billing()), swapped ? 0 : last, last);
    completion.await(List.of(scenario.stats()), swapped ? last : 0, last);
    leave(again);
    letters(scenario.billing(), swapped ? 0 : last);
    letters(scenario.stats(), swapped ? last : 0);
  }

  private void reset(PlannedGroup group, StartAt target) {
    String topic = topic(group.topic()).name();
    scene.await(
        "the group has no member any more",
        () ->
            scene
                .messaging()
                .groups()
                .describe(topic, group.name())
                .orElseThrow()
                .members()
                .isEmpty());
    scene.messaging().groups().reset(topic, group.name(), target);
    scene.history().record(nanos -> new Event.Reset(nanos, group.name()));
  }

  private void letters(PlannedGroup group, int fromPhase) {
    int expected =
        (int)
            group.topic().messages().stream()
                .filter(m -> m.phase() >= fromPhase && scenario.dies(group, m.name()))
                .count();
    replays.deadLetters(found(castings, group.name()), expected);
  }

  private List<CompletableFuture<Receipt>> send(int phase) {
    List<CompletableFuture<Receipt>> sent = new ArrayList<>(sendSome(phase, 0));
    sent.addAll(sendSome(phase, 1));
    return sent;
  }

  /** One half of a phase's messages: what comes first in it, or the rest. */
  private List<CompletableFuture<Receipt>> sendSome(int phase, int half) {
    List<CompletableFuture<Receipt>> sent = new ArrayList<>();
    for (PlannedTopic topic : scenario.topics()) {
      List<Planned> all = topic.messages().stream().filter(m -> m.phase() == phase).toList();
      int middle = all.size() / 2;
      for (Planned message : half == 0 ? all.subList(0, middle) : all.subList(middle, all.size())) {
        sent.add(send(topic, message));
      }
    }
    return sent;
  }

  private CompletableFuture<Receipt> send(PlannedTopic topic, Planned message) {
    String name = topic(topic).name();
    String id = message.label();
    String sender = topic.name() + '-' + message.producer();
    scene.history().record(nanos -> new Event.Sent(nanos, name, sender, id, null));
    return found(senders, topic.name())
        .get(message.producer())
        .send(message.message())
        .whenComplete(
            (receipt, failure) -> {
              if (failure == null) {
                scene.history().record(nanos -> new Event.SendConfirmed(nanos, name, id));
              }
            });
  }

  private void confirm(List<CompletableFuture<Receipt>> sent) throws Exception {
    scene.await(
        "every send is decided",
        scene.limits().reconnectTime().plus(scene.timing().patience()),
        () -> sent.stream().allMatch(CompletableFuture::isDone));
    for (CompletableFuture<Receipt> stage : sent) {
      stage.get();
    }
  }
}
