package dev.isostream.conformance.brokers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Children that talk, are killed, stand still, and never outlive their parent. */
class ChildJvmTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int SIGKILLED = 128 + 9;

  /** Repeats what it is told. */
  static final class Echo {
    private Echo() {}

    public static void main(String[] args) throws IOException {
      System.out.println("ready " + String.join(",", args) + " " + System.getProperty("colour"));
      System.err.println("a remark");
      BufferedReader in =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line = in.readLine(); line != null && !line.equals("end"); line = in.readLine()) {
        System.out.println("heard " + line);
      }
    }
  }

  /** Starts a child of its own and tells its pid. */
  static final class Parent {
    private Parent() {}

    public static void main(String[] args) throws InterruptedException {
      try (ChildJvm grandchild = ChildJvm.of(Echo.class).start()) {
        grandchild.await("ready", PATIENCE);
        System.out.println("grandchild " + grandchild.pid());
        Thread.currentThread().join();
      }
    }
  }

  /** Fails. */
  static final class Failing {
    private Failing() {}

    public static void main(String[] args) {
      if (args.length == 0) {
        throw new IllegalStateException("as planned");
      }
    }
  }

  @Test
  void talksInLines() {
    try (ChildJvm child =
        ChildJvm.of(Echo.class).arguments("a", "b").property("colour", "blue").start()) {
      assertThat(child.await("ready", PATIENCE)).isEqualTo("a,b blue");
      child.send("grüße");
      child.send("two");
      assertThat(child.await("heard two", PATIENCE)).isEmpty();
      child.send("end");

      assertThat(child.awaitExit(PATIENCE)).isZero();
      assertThat(child.output()).containsExactly("ready a,b blue", "heard grüße", "heard two");
      assertThat(child.errorOutput()).containsExactly("a remark");
    }
  }

  @Test
  void killedIsGoneAndWhatItSaidIsKept() {
    try (ChildJvm child = ChildJvm.of(Echo.class).start()) {
      child.await("ready", PATIENCE);
      child.send("last");
      child.await("heard last", PATIENCE);

      child.kill();

      assertThat(child.isAlive()).isFalse();
      assertThat(child.awaitExit(PATIENCE)).isEqualTo(SIGKILLED);
      assertThat(child.output()).endsWith("heard last");
      assertThatThrownBy(() -> child.send("too late")).isInstanceOf(UncheckedIOException.class);
      assertThatThrownBy(() -> child.await("heard", PATIENCE))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("exit code 137")
          .hasMessageContaining("a remark");
    }
  }

  @Test
  void pausedAnswersAfterResume() {
    try (ChildJvm child = ChildJvm.of(Echo.class).start()) {
      child.await("ready", PATIENCE);
      child.pause();
      child.send("hello");
      assertThatThrownBy(() -> child.await("heard", Duration.ofMillis(300)))
          .isInstanceOf(IllegalStateException.class);

      child.resume();

      assertThat(child.await("heard", PATIENCE)).isEqualTo("hello");
    }
  }

  @Test
  void pausedCanBeKilled() {
    try (ChildJvm child = ChildJvm.of(Echo.class).start()) {
      child.await("ready", PATIENCE);
      child.pause();

      child.kill();

      assertThat(child.awaitExit(PATIENCE)).isEqualTo(SIGKILLED);
    }
  }

  @Test
  void failureShowsInExitCodeAndLastWords() {
    try (ChildJvm child = ChildJvm.of(Failing.class).start()) {
      assertThat(child.awaitExit(PATIENCE)).isEqualTo(1);
      assertThatThrownBy(() -> child.await("ready", PATIENCE)).hasMessageContaining("as planned");
    }
  }

  @Test
  void grandchildDiesWithItsKilledParent() throws Exception {
    try (ChildJvm parent = ChildJvm.of(Parent.class).start()) {
      long pid = Long.parseLong(parent.await("grandchild", PATIENCE));
      ProcessHandle grandchild = ProcessHandle.of(pid).orElseThrow();

      parent.kill();

      grandchild.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      assertThat(grandchild.isAlive()).isFalse();
    }
  }
}
