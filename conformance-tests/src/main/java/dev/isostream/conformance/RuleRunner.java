package dev.isostream.conformance;

import dev.isostream.conformance.scene.Evidence;
import dev.isostream.conformance.scene.Scene;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Runs one rule's test against a harness. Stateless. */
public final class RuleRunner {

  private RuleRunner() {}

  /** Runs a test, once, on a thread of its own, for as long as the harness's limit at most. */
  public static RuleResult run(BrokerHarness harness, Transcript transcript, RuleTest test) {
    long begin = System.nanoTime();
    Scene scene = new Scene(harness, transcript, test.rule());
    Throwable failure = failureOf(scene, harness.timing().limit(), test);
    if (failure != null) {
      transcript.search(failure);
    }
    Evidence.Summary evidence = scene.evidence().summary(scene.history());
    return judge(test, failure, evidence, Duration.ofNanos(System.nanoTime() - begin));
  }

  private static @Nullable Throwable failureOf(Scene scene, Duration limit, RuleTest test) {
    FutureTask<@Nullable Throwable> task = new FutureTask<>(() -> runAndClose(scene, test));
    Thread thread = new Thread(task, "rule-" + test.rule() + "-" + test.method().getName());
    thread.setDaemon(true);
    thread.start();
    try {
      return task.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      String stack =
          Arrays.stream(thread.getStackTrace())
              .limit(25)
              .map(frame -> "\n    at " + frame)
              .collect(Collectors.joining());
      thread.interrupt();
      return new AssertionError("hangs: not over after " + limit + "; it stood" + stack, e);
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
      return e;
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }

  private static @Nullable Throwable runAndClose(Scene scene, RuleTest test) {
    Throwable failure = null;
    try {
      test.run(scene);
    } catch (Throwable e) {
      failure = e;
    }
    try {
      scene.close();
    } catch (Exception e) {
      if (failure == null) {
        return new AssertionError("closing what the test had opened failed: " + e, e);
      }
      failure.addSuppressed(e);
    }
    return failure;
  }

  private static RuleResult judge(
      RuleTest test, @Nullable Throwable failure, Evidence.Summary evidence, Duration took) {
    if (failure instanceof NotAvailableException) {
      return new RuleResult(
          test, Status.NOT_RUN, String.valueOf(failure.getMessage()), evidence, took, null);
    }
    if (failure != null) {
      return new RuleResult(test, Status.FAILED, text(failure), evidence, took, failure);
    }
    String gap = evidence.gap();
    return gap.isEmpty()
        ? new RuleResult(test, Status.PASSED, "", evidence, took, null)
        : new RuleResult(test, Status.FAILED, gap, evidence, took, null);
  }

  private static String text(Throwable failure) {
    String message = failure.getMessage();
    return failure instanceof AssertionError && message != null ? message : failure.toString();
  }
}
