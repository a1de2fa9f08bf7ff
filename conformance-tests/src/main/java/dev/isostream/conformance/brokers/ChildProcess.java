package dev.isostream.conformance.brokers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A process that this JVM started: its output by line, signals, and an end in every case.
 *
 * <p>It dies with this JVM: by a shutdown hook, and, where this JVM is killed itself, by the end of
 * its standard input, which {@link ParentWatch} looks for in the child.
 *
 * <p>Threads: safe from any.
 */
final class ChildProcess implements AutoCloseable {
  private static final Duration REAP_LIMIT = Duration.ofSeconds(30);

  private final String name;
  private final Process process;
  private final Thread shutdownHook;
  private final LineLog out;
  private final LineLog err;

  private ChildProcess(String name, Process process, LineLog out, LineLog err) {
    this.name = name;
    this.process = process;
    this.out = out;
    this.err = err;
    this.shutdownHook = new Thread(process::destroyForcibly, "kill-" + name);
  }

  /**
   * Starts it.
   *
   * @param onLine is called with each line of output, from one thread for each of the two streams
   */
  static ChildProcess start(
      String name, ProcessBuilder command, int keptLines, Consumer<String> onLine) {
    Process process;
    try {
      process = command.start();
    } catch (IOException failed) {
      throw new UncheckedIOException(
          "can't start " + name + ": " + command.command().get(0), failed);
    }
    ChildProcess child =
        new ChildProcess(name, process, new LineLog(keptLines), new LineLog(keptLines));
    Runtime.getRuntime().addShutdownHook(child.shutdownHook);
    child.read(process.getInputStream(), child.out, onLine);
    child.read(process.getErrorStream(), child.err, onLine);
    return child;
  }

  private void read(InputStream stream, LineLog log, Consumer<String> onLine) {
    Thread reader =
        new Thread(
            () -> {
              try (BufferedReader lines =
                  new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                  log.append(line);
                  onLine.accept(line);
                }
              } catch (IOException closed) {
                // the process is gone, and its pipe with it
              } finally {
                log.end();
              }
            },
            "output-of-" + name);
    reader.setDaemon(true);
    reader.start();
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  LineLog out() {
    return out;
  }

  LineLog err() {
    return err;
  }

  /** Writes one line to its standard input. */
  synchronized void send(String line) {
    try {
      OutputStream stdin = process.getOutputStream();
      stdin.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      stdin.flush();
    } catch (IOException gone) {
      throw new UncheckedIOException("can't write to " + name + ", " + state(), gone);
    }
  }

  /**
   * SIGKILL, also to a stopped process; returns when it is gone and all that it printed has been
   * read.
   */
  void kill() {
    process.destroyForcibly();
    reap("SIGKILL");
  }

  /** SIGTERM; SIGKILL after the limit. */
  void terminate(Duration limit) {
    process.destroy();
    if (exitWithin(limit).isEmpty()) {
      process.destroyForcibly();
    }
    reap("SIGTERM and SIGKILL");
  }

  private void reap(String after) {
    if (exitWithin(REAP_LIMIT).isEmpty()) {
      throw new IllegalStateException(
          name + " (pid " + pid() + ") still runs " + REAP_LIMIT + " after " + after);
    }
  }

  /**
   * The exit code, once it has ended and its output has been read; empty when it runs on after the
   * limit.
   */
  OptionalInt exitWithin(Duration limit) {
    try {
      if (!process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS)) {
        return OptionalInt.empty();
      }
      // A grandchild may hold the pipe open; what the process itself wrote is in it and soon read.
      out.awaitEnd(REAP_LIMIT);
      err.awaitEnd(REAP_LIMIT);
      forgetShutdownHook();
      return OptionalInt.of(process.exitValue());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(
          "interrupted while waiting for the end of " + name, interrupted);
    }
  }

  private void forgetShutdownHook() {
    try {
      Runtime.getRuntime().removeShutdownHook(shutdownHook);
    } catch (IllegalStateException shuttingDown) {
      // the hook runs, and finds nothing to do
    }
  }

  /** SIGSTOP; returns when every thread of it stands still, where the system shows that. */
  void pause() {
    signal("STOP");
    long deadline = System.nanoTime() + REAP_LIMIT.toNanos();
    while (!standsStill()) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException(
            name + " (pid " + pid() + ") still runs " + REAP_LIMIT + " after SIGSTOP");
      }
      Thread.onSpinWait();
    }
  }

  /**
   * The signal is sent when {@code kill} returns, but a thread on another processor may run on for
   * a moment, and answer.
   */
  private boolean standsStill() {
    Path tasks = Path.of("/proc", Long.toString(pid()), "task");
    if (!Files.isDirectory(tasks)) {
      return true;
    }
    try (Stream<Path> threads = Files.list(tasks)) {
      return threads.allMatch(ChildProcess::isStopped);
    } catch (IOException | UncheckedIOException gone) {
      return !process.isAlive();
    }
  }

  /** The state is the first letter behind the thread's name, which may hold anything. */
  private static boolean isStopped(Path thread) {
    try {
      String stat = Files.readString(thread.resolve("stat"), StandardCharsets.ISO_8859_1);
      return stat.substring(stat.lastIndexOf(')') + 1).stripLeading().startsWith("T");
    } catch (IOException gone) {
      return true;
    }
  }

  /** SIGCONT. */
  void resume() {
    signal("CONT");
  }

  /** By the shell's own {@code kill}: the one signal sender that every Unix has. */
  private void signal(String signal) {
    try {
      Process kill =
          new ProcessBuilder("sh", "-c", "kill -s " + signal + " " + pid())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      int code = kill.waitFor();
      if (code != 0) {
        throw new IllegalStateException("can't send SIG" + signal + " to " + name + ", " + state());
      }
    } catch (IOException failed) {
      throw new UncheckedIOException("can't run sh to send SIG" + signal + " to " + name, failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(
          "interrupted while sending SIG" + signal + " to " + name, interrupted);
    }
  }

  /** Whether it runs or how it ended, for messages. */
  String state() {
    return process.isAlive()
        ? "which runs as pid " + pid()
        : "which ended with exit code " + process.exitValue();
  }

  /** The last lines of both streams, for messages. */
  String lastWords(int lines) {
    List<String> printed = out.tail(lines);
    List<String> complained = err.tail(lines);
    StringBuilder text = new StringBuilder();
    printed.forEach(line -> text.append("\n  | ").append(line));
    complained.forEach(line -> text.append("\n  ! ").append(line));
    return text.isEmpty() ? " (it printed nothing)" : text.toString();
  }

  /** Kills it if it runs. */
  @Override
  public void close() {
    kill();
  }
}
