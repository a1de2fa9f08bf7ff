package dev.isostream.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SystemRuntimeTest {

  private static final long LIMIT = 20;

  @Test
  void runsATimerOnADaemonOfItsOwnNotBeforeItsTime() throws Exception {
    try (SystemRuntime runtime = new SystemRuntime()) {
      CompletableFuture<Thread> ran = new CompletableFuture<>();
      long start = runtime.nanoTime();
      runtime.schedule(Duration.ofMillis(30), () -> ran.complete(Thread.currentThread()));
      Thread thread = ran.get(LIMIT, TimeUnit.SECONDS);
      assertThat(runtime.nanoTime() - start).isGreaterThanOrEqualTo(30_000_000);
      assertThat(thread.isDaemon()).isTrue();
      assertThat(thread.getName()).startsWith("isostream-");
    }
  }

  @Test
  void aCancelledTimerDoesNotRunAndAFailedOneHarmsNoOther() throws Exception {
    try (SystemRuntime runtime = new SystemRuntime()) {
      AtomicBoolean ran = new AtomicBoolean();
      runtime.schedule(Duration.ofMillis(20), () -> ran.set(true)).cancel();
      runtime.schedule(
          Duration.ofMillis(1),
          () -> {
            throw new IllegalStateException("meant to fail");
          });
      CompletableFuture<Boolean> later = new CompletableFuture<>();
      runtime.schedule(Duration.ofMillis(60), () -> later.complete(ran.get()));
      assertThat(later.get(LIMIT, TimeUnit.SECONDS)).isFalse();
    }
  }

  @Test
  void takesDelaysThatFitNoClock() throws Exception {
    try (SystemRuntime runtime = new SystemRuntime()) {
      runtime.schedule(Duration.ofSeconds(Long.MAX_VALUE), () -> {}).cancel();
      CompletableFuture<Void> ran = new CompletableFuture<>();
      runtime.schedule(Duration.ofSeconds(Long.MIN_VALUE), () -> ran.complete(null));
      ran.get(LIMIT, TimeUnit.SECONDS);
    }
  }

  @Test
  void turnsALoopUntilItIsDone() throws Exception {
    try (SystemRuntime runtime = new SystemRuntime()) {
      AtomicInteger turns = new AtomicInteger();
      CompletableFuture<Thread> thread = new CompletableFuture<>();
      runtime.start(
          "member-1",
          wait -> {
            assertThat(wait).isPositive();
            thread.complete(Thread.currentThread());
            return turns.incrementAndGet() < 3;
          });
      Thread loop = thread.get(LIMIT, TimeUnit.SECONDS);
      loop.join(TimeUnit.SECONDS.toMillis(LIMIT));
      assertThat(loop.isAlive()).isFalse();
      assertThat(loop.getName()).isEqualTo("isostream-member-1");
      assertThat(loop.isDaemon()).isTrue();
      assertThat(turns).hasValue(3);
    }
  }

  @Test
  void closeWaitsForLoopsThatAreEnding() throws Exception {
    SystemRuntime runtime = new SystemRuntime();
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    AtomicBoolean ended = new AtomicBoolean();
    runtime.start(
        "ending",
        wait -> {
          running.countDown();
          awaitQuietly(end);
          ended.set(true);
          return false;
        });
    assertThat(running.await(LIMIT, TimeUnit.SECONDS)).isTrue();
    runtime.schedule(Duration.ofMillis(20), end::countDown);
    runtime.close();
    runtime.close();
    assertThat(ended).isTrue();
  }

  @Test
  void aLoopMayCloseTheRuntimeItself() throws Exception {
    SystemRuntime runtime = new SystemRuntime();
    CompletableFuture<Void> closed = new CompletableFuture<>();
    runtime.start(
        "closer",
        wait -> {
          runtime.close();
          closed.complete(null);
          return false;
        });
    closed.get(LIMIT, TimeUnit.SECONDS);
  }

  @Test
  void afterCloseTimersAreSilentAndLoopsRefused() {
    SystemRuntime runtime = new SystemRuntime();
    runtime.close();
    runtime.schedule(Duration.ZERO, () -> {}).cancel();
    assertThatThrownBy(() -> runtime.start("late", wait -> false))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("late");
  }

  @Test
  void closeLeavesARunningHandlerAndTheApplicationsExecutorAlone() throws Exception {
    SystemRuntime runtime = new SystemRuntime();
    CountDownLatch go = new CountDownLatch(1);
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    runtime
        .handlers()
        .execute(
            () -> {
              awaitQuietly(go);
              interrupted.complete(Thread.currentThread().isInterrupted());
            });
    runtime.close();
    go.countDown();
    assertThat(interrupted.get(LIMIT, TimeUnit.SECONDS)).isFalse();

    Executor own = Runnable::run;
    SystemRuntime given = new SystemRuntime(own);
    assertThat(given.handlers()).isSameAs(own);
    given.close();
  }

  @Test
  void handlersAreVirtualExactlyWhereTheJvmHasThem() throws Exception {
    boolean jvmHasThem = Runtime.version().feature() >= 21;
    ExecutorService virtual = ThreadPerTask.virtualThreads();
    assertThat(virtual != null).isEqualTo(jvmHasThem);
    if (virtual != null) {
      virtual.shutdown();
    }
  }

  @Test
  void thePoolOfOlderJvmsHasNamedDaemons() throws Exception {
    ExecutorService pool = ThreadPerTask.cachedDaemons("isostream-handler-");
    try {
      Thread thread = pool.submit(Thread::currentThread).get(LIMIT, TimeUnit.SECONDS);
      assertThat(thread.isDaemon()).isTrue();
      assertThat(thread.getName()).startsWith("isostream-handler-");
    } finally {
      pool.shutdown();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
