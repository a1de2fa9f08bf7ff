package dev.isostream.conformance.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.isostream.Codecs;
import dev.isostream.Exhausted;
import dev.isostream.Message;
import dev.isostream.Messaging;
import dev.isostream.MessagingBuilder;
import dev.isostream.Producer;
import dev.isostream.Reader;
import dev.isostream.StartAt;
import dev.isostream.Subscription;
import dev.isostream.Topic;
import dev.isostream.conformance.brokers.Broker;
import dev.isostream.conformance.brokers.Brokers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * A server that is killed twice while messages are sent and consumed as fast as it goes: none is
 * lost, none is stored twice, no key is out of order (contract P2, P4, D1, O1, F5).
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServerKillTest {

  private static final int MESSAGES = 200_000;

  /** The emulator stores so many in the time that servers take for all. */
  private static final int MESSAGES_ON_KINESIS = 40_000;

  private static final int KEYS = 1000;
  private static final int KILLS = 2;
  private static final int PARTITIONS = 4;
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private final Brokers brokers = Brokers.fromSystemProperties();

  @AfterAll
  void closeBrokers() {
    brokers.close();
  }

  @TestFactory
  Stream<DynamicTest> nothingIsLostOrTwiceOrOutOfOrder() {
    return brokers.selected().stream()
        .filter(name -> !name.equals("memory") && brokers.mode(name).controllable())
        .map(name -> dynamicTest(name, () -> survives(name)));
  }

  private void survives(String name) {
    int messages = name.equals("kinesis") ? MESSAGES_ON_KINESIS : MESSAGES;
    try (Broker broker = brokers.own(name);
        Messaging messaging = connect(broker)) {
      messaging.topics().create("orders", PARTITIONS);
      Handled handled = new Handled(messages);
      List<CountDownLatch> confirmed = new ArrayList<>();
      for (int i = 1; i <= KILLS; i++) {
        confirmed.add(new CountDownLatch(i * messages / (KILLS + 1)));
      }
      CountDownLatch all = new CountDownLatch(messages);
      List<Throwable> failed = new CopyOnWriteArrayList<>();
      Topic<String> topic = Topic.of("orders", Codecs.utf8());
      try (Producer<String> producer = messaging.producer(topic).deliveryTimeout(LIMIT).open();
          Subscription subscription =
              messaging
                  .subscribe(topic)
                  .group("billing")
                  .startAt(StartAt.earliest())
                  .whenExhausted(Exhausted.STOP)
                  .handle(delivery -> handled.take(delivery.payload()))) {
        Thread killer = new Thread(() -> kill(broker, confirmed), "killer");
        killer.start();
        for (int i = 0; i < messages; i++) {
          String key = "k" + i % KEYS;
          var unused =
              producer
                  .send(Message.of(key + "/" + i / KEYS).key(key))
                  .whenComplete(
                      (receipt, failure) -> {
                        if (failure == null) {
                          confirmed.forEach(CountDownLatch::countDown);
                          all.countDown();
                        } else {
                          failed.add(failure);
                        }
                      });
        }
        producer.flush().join();
        assertThat(failed).isEmpty();
        assertThat(all.getCount()).as("not confirmed").isZero();
        await("all are handled", handled.all, handled);
        subscription.drain().toCompletableFuture().join();
        assertThat(handled.wrong).isEmpty();
      }
      Handled stored = new Handled(messages);
      try (Reader<String> reader =
          messaging.reader(topic).from(StartAt.earliest()).untilEnd().open()) {
        long count = reader.stream().peek(one -> stored.take(one.payload())).count();
        assertThat(count).as("each is stored once").isEqualTo(messages);
      }
      assertThat(stored.wrong).isEmpty();
      assertThat(stored.all.getCount()).as("not stored").isZero();
    }
  }

  private static Messaging connect(Broker broker) {
    MessagingBuilder builder =
        Messaging.builder().address(broker.name() + "://" + broker.address());
    broker.properties().forEach(builder::property);
    return builder.open();
  }

  private static void kill(Broker broker, List<CountDownLatch> confirmed) {
    for (CountDownLatch some : confirmed) {
      await("messages are confirmed", some, "not yet");
      broker.restart();
    }
  }

  private static void await(String what, CountDownLatch there, Object found) {
    try {
      boolean done = there.await(LIMIT.toNanos(), TimeUnit.NANOSECONDS);
      assertThat(done).as("%s; %d are missing: %s", what, there.getCount(), found).isTrue();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting until " + what, interrupted);
    }
  }

  /** Of each key the next number, or one that came before: what was not settled comes again. */
  private static final class Handled {
    private final Map<String, Integer> next = new ConcurrentHashMap<>();
    private final CountDownLatch all;
    private final List<String> wrong = new CopyOnWriteArrayList<>();

    Handled(int messages) {
      all = new CountDownLatch(messages);
    }

    @Override
    public String toString() {
      List<String> some = wrong.subList(0, Math.min(20, wrong.size()));
      return wrong.size() + " out of turn, such as " + some;
    }

    void take(String payload) {
      int slash = payload.indexOf('/');
      String key = payload.substring(0, slash);
      int number = Integer.parseInt(payload.substring(slash + 1));
      // One whose partition was lost meanwhile may still be handled while it comes again.
      next.compute(key, (same, before) -> take(payload, number, before == null ? 0 : before));
    }

    private int take(String payload, int number, int expected) {
      if (number > expected) {
        wrong.add(payload + " in place of " + expected);
      } else if (number == expected) {
        all.countDown();
        return number + 1;
      }
      return expected;
    }
  }
}
