package dev.isostream.conformance.brokers;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * A main class in a JVM of its own, on the class path of this one: a member that can be killed for
 * real.
 *
 * <p>The two talk in lines: {@link #send} writes one to the child's {@code System.in}, {@link
 * #await} reads one that the child printed to {@code System.out}. Logs belong on {@code
 * System.err}. The child dies with this JVM, also when this one is killed.
 *
 * <p>Threads: safe from any; only one thread should {@link #await}, since each line is handed out
 * once.
 */
public final class ChildJvm implements AutoCloseable {
  /** Quick to start, and the classes of what was built or fetched here need not be verified. */
  static final String QUICK =
      "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
          + " -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote";

  private static final int KEPT_LINES = 1_000_000;
  private static final int SHOWN_LINES = 30;

  private final String name;
  private final ChildProcess process;

  private ChildJvm(String name, ChildProcess process) {
    this.name = name;
    this.process = process;
  }

  /** Prepares a JVM that runs {@code mainClass}, which may be nested and need not be public. */
  public static Builder of(Class<?> mainClass) {
    return new Builder(mainClass.getName());
  }

  /** The process id. */
  public long pid() {
    return process.pid();
  }

  /** Whether it runs; a paused one does. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /**
   * Writes one line to its standard input.
   *
   * <p>Blocks: while the child reads nothing and the pipe is full.
   *
   * <p>Fails: {@link java.io.UncheckedIOException} when it is gone.
   */
  public void send(String line) {
    process.send(line);
  }

  /**
   * The rest of the next line on its standard output that starts with {@code prefix}; lines before
   * it are passed over.
   *
   * <p>Blocks: until then, {@code limit} at most.
   *
   * <p>Fails: {@link IllegalStateException} with the child's last words when no such line comes, or
   * the child has ended.
   */
  public String await(String prefix, Duration limit) {
    try {
      Optional<String> line = process.out().next(candidate -> candidate.startsWith(prefix), limit);
      return line.map(found -> found.substring(prefix.length()).strip())
          .orElseThrow(() -> silent(prefix, limit));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(
          "interrupted while waiting for '" + prefix + "' from " + name, interrupted);
    }
  }

  private IllegalStateException silent(String prefix, Duration limit) {
    return new IllegalStateException(
        "no line '"
            + prefix
            + "...' within "
            + limit
            + " from "
            + name
            + ", "
            + process.state()
            + "; its last words:"
            + process.lastWords(SHOWN_LINES));
  }

  /** What it printed to standard output so far, oldest first; of very much, the end. */
  public List<String> output() {
    return process.out().tail(KEPT_LINES);
  }

  /** What it printed to standard error so far, oldest first; of very much, the end. */
  public List<String> errorOutput() {
    return process.err().tail(KEPT_LINES);
  }

  /** SIGKILL. Returns when it is gone and all that it printed before has been read. */
  public void kill() {
    process.kill();
  }

  /** SIGTERM, so that its shutdown hooks run; SIGKILL after the limit. */
  public void terminate(Duration limit) {
    process.terminate(limit);
  }

  /**
   * SIGSTOP: it stands still, and its connections stay open. {@link #kill} works on it all the
   * same.
   */
  public void pause() {
    process.pause();
  }

  /** SIGCONT. */
  public void resume() {
    process.resume();
  }

  /**
   * Waits for its end.
   *
   * @return the exit code; 128 and the signal's number after a signal
   */
  public int awaitExit(Duration limit) {
    OptionalInt code = process.exitWithin(limit);
    return code.orElseThrow(
        () ->
            new IllegalStateException(
                name
                    + " runs on after "
                    + limit
                    + "; its last words:"
                    + process.lastWords(SHOWN_LINES)));
  }

  /** Kills it if it runs. */
  @Override
  public void close() {
    process.close();
  }

  /** Collects how to start it. Not thread-safe. */
  public static final class Builder {
    private final String mainClass;
    private final List<String> jvmArguments =
        new ArrayList<>(List.of(("-Xmx256m " + QUICK).split(" ", -1)));
    private final List<String> arguments = new ArrayList<>();
    private String classPath = System.getProperty("java.class.path");
    private Consumer<String> onLine = line -> {};

    private Builder(String mainClass) {
      this.mainClass = mainClass;
    }

    /** Adds arguments of the main method. */
    public Builder arguments(String... more) {
      arguments.addAll(List.of(more));
      return this;
    }

    /** Adds options of the JVM, after the defaults: a heap of 256 MiB and a quick start. */
    public Builder jvmArguments(String... more) {
      jvmArguments.addAll(List.of(more));
      return this;
    }

    /** Adds a system property of the child. */
    public Builder property(String key, String value) {
      jvmArguments.add("-D" + key + "=" + value);
      return this;
    }

    /** Sets another class path than this JVM's; the class {@link ChildJvm} must be on it. */
    public Builder classPath(String path) {
      this.classPath = path;
      return this;
    }

    /**
     * Is called with every line that the child prints to either stream, from two threads, as it
     * comes.
     */
    public Builder onLine(Consumer<String> listener) {
      this.onLine = listener;
      return this;
    }

    /** Starts it and returns at once. */
    public ChildJvm start() {
      List<String> command = new ArrayList<>();
      command.add(javaBinary("java").toString());
      command.addAll(jvmArguments);
      command.addAll(List.of("-cp", classPath, ChildMain.class.getName(), mainClass));
      command.addAll(arguments);
      String name = mainClass.substring(mainClass.lastIndexOf('.') + 1);
      return new ChildJvm(
          name, ChildProcess.start(name, new ProcessBuilder(command), KEPT_LINES, onLine));
    }
  }

  /** A program of the JDK that runs this. */
  static Path javaBinary(String program) {
    return Path.of(System.getProperty("java.home"), "bin", program);
  }
}
