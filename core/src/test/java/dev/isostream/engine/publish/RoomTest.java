package dev.isostream.engine.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isostream.BufferFullException;
import dev.isostream.ClosedException;
import dev.isostream.InterruptedOperationException;
import dev.isostream.core.SystemRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The bound on what is in flight (contract P5). */
class RoomTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  private final SystemRuntime runtime = new SystemRuntime();

  @AfterEach
  void close() {
    runtime.close();
  }

  private Room room(int messages, long bytes) {
    return new Room(runtime, "t", messages, bytes);
  }

  @Test
  void isBoundedInMessagesAndBytes() {
    Room room = room(2, 100);
    assertThat(room.tryEnter(Room.weight(40))).isTrue();
    assertThat(room.tryEnter(Room.weight(61))).isFalse();
    assertThat(room.tryEnter(Room.weight(60))).isTrue();
    assertThat(room.tryEnter(Room.weight(0))).isFalse();
    assertThat(room.messages()).isEqualTo(2);
    room.leave(Room.weight(60));
    assertThat(room.tryEnter(Room.weight(0))).isTrue();
  }

  @Test
  void takesTheLargestBoundsThereAre() {
    Room room = room(Integer.MAX_VALUE, Long.MAX_VALUE);
    for (int i = 0; i < 60; i++) {
      assertThat(room.tryEnter(Room.weight(Integer.MAX_VALUE))).isTrue();
    }
    assertThat(room.messages()).isEqualTo(60);
  }

  @Test
  void whoWaitsTooLongFailsAndIsToldWhy() {
    Room room = room(1, 100);
    room.enter(Room.weight(10), LONG);
    assertThatThrownBy(() -> room.enter(Room.weight(10), Duration.ofMillis(20)))
        .isInstanceOf(BufferFullException.class)
        .hasMessageContaining("maxBlock (PT0.02S)")
        .hasMessageContaining("1 messages of maxInFlightMessages 1");
    assertThat(room.tryEnter(Room.weight(10))).isFalse();
    room.leave(Room.weight(10));
    assertThat(room.tryEnter(Room.weight(10))).isTrue();
  }

  @Test
  void whoWaitsIsLetInInTurn() throws Exception {
    Room room = room(1, 100);
    room.enter(Room.weight(1), LONG);
    List<Integer> order = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int number = i;
      Thread thread =
          new Thread(
              () -> {
                room.enter(Room.weight(1), LONG);
                synchronized (order) {
                  order.add(number);
                }
                room.leave(Room.weight(1));
              });
      threads.add(thread);
      thread.start();
      await(thread);
    }
    assertThat(room.tryEnter(Room.weight(1))).isFalse();
    room.leave(Room.weight(1));
    for (Thread thread : threads) {
      thread.join(20_000);
    }
    assertThat(order).containsExactly(0, 1, 2, 3);
    assertThat(room.messages()).isZero();
  }

  private static void await(Thread waiting) {
    while (waiting.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
  }

  @Test
  void anInterruptOrACloseEndsTheWaitAndTakesNothing() throws Exception {
    Room room = room(1, 100);
    room.enter(Room.weight(1), LONG);
    AtomicReference<@Nullable Throwable> first = new AtomicReference<>();
    AtomicReference<@Nullable Throwable> second = new AtomicReference<>();
    Thread interrupted = failing(room, first);
    await(interrupted);
    Thread closed = failing(room, second);
    await(closed);
    interrupted.interrupt();
    interrupted.join(20_000);
    assertThat(first.get()).isInstanceOf(InterruptedOperationException.class);
    CompletableFuture<Void> stage = room.whenFree().toCompletableFuture();
    room.close();
    closed.join(20_000);
    assertThat(second.get()).isInstanceOf(ClosedException.class);
    assertThatThrownBy(stage::get).hasCauseInstanceOf(ClosedException.class);
    assertThat(room.messages()).isEqualTo(1);
  }

  private static Thread failing(Room room, AtomicReference<@Nullable Throwable> failure) {
    Thread thread =
        new Thread(
            () -> {
              try {
                room.enter(Room.weight(1), LONG);
              } catch (RuntimeException e) {
                failure.set(e);
              }
            });
    thread.start();
    return thread;
  }

  @Test
  void tellsWhenThereIsRoomForWhatWasRefused() {
    Room room = room(10, 100);
    assertThat(room.whenFree().toCompletableFuture()).isDone();
    assertThat(room.tryEnterOrNote(Room.weight(80))).isTrue();
    assertThat(room.tryEnterOrNote(Room.weight(10))).isTrue();
    assertThat(room.tryEnterOrNote(Room.weight(50))).isFalse();
    CompletableFuture<Void> free = room.whenFree().toCompletableFuture();
    assertThat(free).isNotDone();
    room.leave(Room.weight(10));
    assertThat(free).isNotDone();
    room.leave(Room.weight(80));
    assertThat(free).isDone();
    assertThat(room.tryEnterOrNote(Room.weight(50))).isTrue();
  }

  @Test
  void neitherLosesNorLendsRoomUnderLoad() throws Exception {
    Room room = room(8, 64);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    int threads = 4;
    CountDownLatch done = new CountDownLatch(threads);
    for (int t = 0; t < threads; t++) {
      int weight = 5 + t;
      new Thread(
              () -> {
                for (int i = 0; i < 5_000; i++) {
                  room.enter(Room.weight(weight), LONG);
                  most.accumulateAndGet(inside.addAndGet(weight), Math::max);
                  inside.addAndGet(-weight);
                  room.leave(Room.weight(weight));
                }
                done.countDown();
              })
          .start();
    }
    assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(most.get()).isLessThanOrEqualTo(64);
    assertThat(room.messages()).isZero();
    assertThat(room.tryEnter(Room.weight(64))).isTrue();
  }
}
