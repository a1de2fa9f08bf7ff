package dev.isostream.engine.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.isostream.Codec;
import dev.isostream.Consumer;
import dev.isostream.Delivery;
import dev.isostream.DeliveryPublisher;
import dev.isostream.MemberListener;
import dev.isostream.MessageInfo;
import dev.isostream.Subscription;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What applications' code does to those who call it. */
class OutletRacesTest {

  private final MemberBench bench = new MemberBench();

  /** Takes note of what it is told, and does what a test adds. */
  private static class Taker implements Flow.Subscriber<Delivery<String>> {
    final List<String> told = new ArrayList<>();

    @Override
    public void onSubscribe(Flow.Subscription given) {
      told.add("subscribed");
      given.request(10);
    }

    @Override
    public void onNext(Delivery<String> delivery) {
      told.add(delivery.payload());
    }

    @Override
    public void onError(Throwable failure) {
      told.add("failed");
    }

    @Override
    public void onComplete() {
      told.add("complete");
    }
  }

  /** A codec whose classes are not there, as far as one payload goes. */
  private static final class Broken implements Codec<String> {
    @Override
    public byte[] encode(String value) {
      return value.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String decode(byte[] bytes) {
      String text = new String(bytes, StandardCharsets.UTF_8);
      if (text.equals("bad")) {
        throw new NoClassDefFoundError("meant to be thrown");
      }
      return text;
    }
  }

  @Test
  void aCodecsErrorFailsItsMessageAlone() {
    bench.codec = new Broken();
    Consumer<String> consumer = bench.pull();
    bench.add("k", "bad");
    bench.add("l", "good");
    bench.run();
    List<Delivery<String>> usable = bench.receive(consumer, 2);
    assertEquals(List.of("good"), usable.stream().map(Delivery::payload).toList());
    bench.run();
    assertEquals(1, ((PullMember<String>) consumer).loop.dispatcher().offered());
  }

  @Test
  void aSubscriberToAMemberThatHasEndedIsToldSo() {
    DeliveryPublisher<String> publisher = bench.publisher(bench.tasks::add);
    SimulatedMembers.close(publisher, Duration.ofSeconds(1));
    bench.run();
    Taker taker = new Taker();
    publisher.subscribe(taker);
    bench.run();
    bench.work();
    assertEquals(List.of("subscribed", "complete"), taker.told);
  }

  @Test
  void aSubscriberHearsOfItsSubscriptionFirst() {
    DeliveryPublisher<String> publisher = bench.publisher(Runnable::run);
    Taker taker =
        new Taker() {
          @Override
          public void onSubscribe(Flow.Subscription given) {
            SimulatedMembers.close(publisher, Duration.ofSeconds(1));
            bench.run(); // the member ends before the subscriber hears of its subscription
            super.onSubscribe(given);
          }
        };
    publisher.subscribe(taker);
    bench.run();
    assertEquals(List.of("subscribed", "complete"), taker.told);
  }

  @Test
  void whatASubscriberThrowsAtTheEndKeepsNoMemberOpen() {
    DeliveryPublisher<String> publisher = bench.publisher(Runnable::run);
    publisher.subscribe(
        new Taker() {
          @Override
          public void onComplete() {
            throw new IllegalStateException("meant to be thrown");
          }
        });
    bench.run();
    var stopped = SimulatedMembers.close(publisher, Duration.ofSeconds(1));
    bench.run();
    MemberBench.now(stopped);
  }

  @Test
  void aSubscriberThatThrowsGetsNoMoreAndItsRestComesBack() {
    DeliveryPublisher<String> publisher = bench.publisher(bench.tasks::add);
    List<Delivery<String>> held = new ArrayList<>();
    publisher.subscribe(
        new Taker() {
          @Override
          public void onNext(Delivery<String> delivery) {
            if (!held.isEmpty()) {
              throw new AssertionError("meant to be thrown");
            }
            held.add(delivery);
          }
        });
    bench.add("k", "a");
    bench.add("l", "b");
    bench.add("m", "c");
    bench.run();
    assertThrowsNothingOrItsOwn();
    bench.run();
    assertEquals("a", held.get(0).payload());
    assertTrue(publisher.failure().isPresent(), "goes on with a subscriber that threw");
    assertEquals(2, ((FlowMember<String>) publisher).loop.dispatcher().offered());
    held.get(0).ack();
    bench.run();
    bench.advance(MemberBench.DRAIN_LIMIT);
    bench.work();
    assertTrue(publisher.stopped().toCompletableFuture().isCompletedExceptionally());
  }

  /** The executor's thread may see what the subscriber threw, or not. */
  private void assertThrowsNothingOrItsOwn() {
    try {
      bench.work();
    } catch (AssertionError e) {
      assertEquals("meant to be thrown", e.getMessage());
    }
  }

  @Test
  void anErrorOnTheMembersThreadEndsItWithAReason() {
    DeliveryPublisher<String> publisher =
        bench.publisher(
            task -> {
              throw new NoClassDefFoundError("meant to be thrown");
            });
    Taker taker = new Taker();
    publisher.subscribe(taker);
    bench.add("k", "a");
    bench.run();
    assertTrue(publisher.failure().isPresent());
    bench.advance(MemberBench.DRAIN_LIMIT.multipliedBy(2));
    assertTrue(publisher.stopped().toCompletableFuture().isCompletedExceptionally());
    assertThrows(Exception.class, () -> MemberBench.now(publisher.stopped()));
    assertFalse(taker.told.isEmpty());
  }

  @Test
  void aSubscriberMayCloseItsMember() {
    DeliveryPublisher<String> publisher = bench.publisher(bench.tasks::add);
    publisher.subscribe(
        new Taker() {
          @Override
          public void onNext(Delivery<String> delivery) {
            publisher.close();
            delivery.ack();
          }
        });
    bench.add("k", "a");
    bench.run();
    assertTimeoutPreemptively(Duration.ofSeconds(5), bench::work);
    MemberBench.now(publisher.stopped());
  }

  @Test
  @SuppressWarnings("NullAway") // what applications may do all the same
  void aHandlerThatReturnsNoStageAcksNothing() {
    List<Throwable> told = new ArrayList<>();
    bench.listeners.add(failures(told));
    Subscription member = bench.pushAsync(delivery -> null, bench.tasks::add);
    bench.add("k", "a");
    bench.run();
    bench.work();
    assertEquals(1, told.size(), "took it for done");
    assertTrue(member.failure().isEmpty());
  }

  @Test
  void aStageThatThrowsIsAFailure() {
    List<Throwable> told = new ArrayList<>();
    bench.listeners.add(failures(told));
    var unused = bench.pushAsync(delivery -> new Odd(), bench.tasks::add);
    bench.add("k", "a");
    bench.run();
    bench.work();
    assertEquals(1, told.size(), "waits for a stage that never tells");
  }

  private static MemberListener failures(List<Throwable> told) {
    return new MemberListener() {
      @Override
      public void attemptFailed(MessageInfo message, int attempt, @Nullable Throwable cause) {
        told.add(Objects.requireNonNull(cause));
      }
    };
  }

  /** A stage that nothing can hang on. */
  private static final class Odd extends CompletableFuture<Void> {
    @Override
    public CompletableFuture<Void> whenComplete(
        BiConsumer<? super Void, ? super Throwable> action) {
      throw new UnsupportedOperationException("meant to be thrown");
    }
  }

  @Test
  void aMemberThatCanNotStartLeavesNothingOpen() {
    bench.startFails(new IllegalStateException("the runtime is closed"));
    CompletionStage<Consumer<String>> member = bench.joining();
    assertTrue(member.toCompletableFuture().isCompletedExceptionally());
    assertTrue(bench.source().isClosed(), "left its source open");
  }
}
