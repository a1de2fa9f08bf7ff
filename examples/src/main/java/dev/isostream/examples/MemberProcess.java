package dev.isostream.examples;

import dev.isostream.Messaging;
import dev.isostream.Subscription;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A member in a JVM of its own. It tells its events in lines and ends with its parent. */
final class MemberProcess implements SecondMember {

  private static final String OWN_LOG = "org.slf4j.simpleLogger.logFile";

  private final Process process;
  private final Thread reader;

  private MemberProcess(Process process, Thread reader) {
    this.process = process;
    this.reader = reader;
  }

  static MemberProcess start(String name, int charges, Run run, Ledger ledger) {
    ProcessBuilder builder =
        new ProcessBuilder(command(name, charges, run))
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    try {
      Process process = builder.start();
      Thread reader = new Thread(() -> read(process, ledger), name);
      reader.setDaemon(true);
      reader.start();
      return new MemberProcess(process, reader);
    } catch (IOException e) {
      throw new UncheckedIOException("can't start a second JVM", e);
    }
  }

  private static List<String> command(String name, int charges, Run run) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx128m");
    // The same configuration; what comes from the environment is inherited.
    System.getProperties().stringPropertyNames().stream()
        .filter(key -> key.startsWith("isostream."))
        .forEach(key -> command.add("-D" + key + "=" + System.getProperty(key)));
    String log = System.getProperty(OWN_LOG);
    if (log != null) {
      command.add("-D" + OWN_LOG + "=" + log + "." + name);
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(MemberProcess.class.getName(), name, "" + charges, run.id()));
    return command;
  }

  private static void read(Process process, Ledger ledger) {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      lines.lines().forEach(line -> ledger.add(Event.parse(line)));
    } catch (IOException | UncheckedIOException e) {
      // It was killed in the middle of a line, which then has not been said.
    }
  }

  @Override
  public String whereabouts() {
    return "in a process of its own, " + process.pid();
  }

  @Override
  public String kill() {
    close();
    return "SIGKILL to process " + process.pid();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
      reader.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The second process. */
  public static void main(String[] arguments) throws IOException {
    BillingMember member =
        new BillingMember(
            arguments[0],
            Integer.parseInt(arguments[1]),
            event -> System.out.println(event.line()));
    try (Messaging messaging = Messaging.open();
        Subscription subscription = member.join(messaging, new Run(arguments[2]))) {
      while (System.in.read() >= 0) {
        // Nothing is said here: the end of the input is the end of the parent.
      }
      System.err.println("left group " + subscription.group() + " with its parent");
    }
  }
}
