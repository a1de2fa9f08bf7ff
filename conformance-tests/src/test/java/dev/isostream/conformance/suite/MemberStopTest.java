package dev.isostream.conformance.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.isostream.Codecs;
import dev.isostream.Consumer;
import dev.isostream.Delivery;
import dev.isostream.Exhausted;
import dev.isostream.Message;
import dev.isostream.Messaging;
import dev.isostream.MessagingBuilder;
import dev.isostream.Producer;
import dev.isostream.Settlement;
import dev.isostream.StaleDeliveryException;
import dev.isostream.StartAt;
import dev.isostream.Topic;
import dev.isostream.conformance.brokers.Broker;
import dev.isostream.conformance.brokers.Brokers;
import dev.isostream.conformance.brokers.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * A member whose whole process stands still (SIGSTOP) until another one has its share: what it
 * settles afterwards fails as stale and disturbs nothing (contract G7).
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MemberStopTest {

  private static final int MESSAGES = 6;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration SILENCE = Duration.ofSeconds(2);
  private static final Topic<String> TOPIC = Topic.of("haunted", Codecs.utf8());

  private final Brokers brokers = Brokers.fromSystemProperties();

  @AfterAll
  void closeBrokers() {
    brokers.close();
  }

  @TestFactory
  Stream<DynamicTest> aMemberThatStoodStillIsHarmless() {
    return brokers.selected().stream()
        .filter(name -> !name.equals("memory") && brokers.mode(name).controllable())
        .map(name -> dynamicTest(name, () -> isHarmless(name)));
  }

  private void isHarmless(String name) throws Exception {
    try (Broker broker = brokers.own(name)) {
      Map<String, String> properties = new TreeMap<>(broker.properties());
      properties.put("address", broker.name() + "://" + broker.address());
      try (Messaging messaging = connect(properties)) {
        messaging.topics().create(TOPIC.name(), 1);
        try (Producer<String> producer = messaging.producer(TOPIC).open()) {
          for (int i = 0; i < MESSAGES; i++) {
            producer.sendSync(Message.of("m" + i).key("k" + i));
          }
        }
        try (ChildJvm zombie = ChildJvm.of(Zombie.class).arguments(words(properties)).start()) {
          List<String> old = new ArrayList<>();
          for (int i = 0; i < MESSAGES; i++) {
            old.add(zombie.await("got ", LIMIT));
          }
          zombie.pause();
          haunt(messaging, zombie, old);
        }
        try (Consumer<String> after = consumer(messaging)) {
          assertThat(after.receive(SILENCE)).as("all is settled").isEmpty();
        }
      }
    }
  }

  private static void haunt(Messaging messaging, ChildJvm zombie, List<String> old)
      throws Exception {
    try (Consumer<String> heir = consumer(messaging)) {
      List<String> got = new ArrayList<>();
      for (int i = 0; i < MESSAGES / 2; i++) {
        settleNext(heir, got);
      }
      // what was in the hands of one that died comes one at a time: more than this do not
      Delivery<String> inHand = heir.receive(LIMIT).orElseThrow();
      zombie.resume();
      zombie.send("settle");
      for (int i = 0; i < MESSAGES; i++) {
        assertThat(zombie.await("outcome ", LIMIT)).isEqualTo("stale");
      }
      assertThat(inHand.ack().toCompletableFuture().join()).isEqualTo(Settlement.DONE);
      got.add(inHand.payload());
      while (got.size() < MESSAGES) {
        settleNext(heir, got);
      }
      assertThat(got).containsExactlyInAnyOrderElementsOf(old);
      zombie.kill();
    }
  }

  private static void settleNext(Consumer<String> heir, List<String> got) throws Exception {
    Delivery<String> next = heir.receive(LIMIT).orElseThrow();
    assertThat(next.ack().toCompletableFuture().join()).isEqualTo(Settlement.DONE);
    got.add(next.payload());
  }

  private static String[] words(Map<String, String> properties) {
    return properties.entrySet().stream()
        .flatMap(each -> Stream.of(each.getKey(), each.getValue()))
        .toArray(String[]::new);
  }

  private static Messaging connect(Map<String, String> properties) {
    MessagingBuilder builder = Messaging.builder();
    properties.forEach(builder::property);
    return builder.open();
  }

  private static Consumer<String> consumer(Messaging messaging) {
    return messaging
        .consumer(TOPIC)
        .group("billing")
        .startAt(StartAt.earliest())
        .whenExhausted(Exhausted.STOP)
        .open();
  }

  /** Takes all and settles it when it is told to. */
  static final class Zombie {

    private Zombie() {}

    /** Properties: names and values in turn. */
    public static void main(String[] words) throws InterruptedException, IOException {
      Map<String, String> properties = new TreeMap<>();
      for (int i = 0; i < words.length; i += 2) {
        properties.put(words[i], words[i + 1]);
      }
      List<Delivery<String>> held = new ArrayList<>();
      try (Messaging messaging = connect(properties);
          Consumer<String> consumer = consumer(messaging)) {
        while (held.size() < MESSAGES) {
          Delivery<String> next = consumer.receive(LIMIT).orElseThrow();
          held.add(next);
          System.out.println("got " + next.payload());
        }
        BufferedReader told =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        if ("settle".equals(told.readLine())) {
          held.forEach(each -> System.out.println("outcome " + outcome(each)));
        }
        told.readLine();
      }
    }

    private static String outcome(Delivery<String> delivery) {
      try {
        return delivery.ack().toCompletableFuture().join().toString();
      } catch (CompletionException e) {
        return e.getCause() instanceof StaleDeliveryException ? "stale" : String.valueOf(e);
      }
    }
  }
}
