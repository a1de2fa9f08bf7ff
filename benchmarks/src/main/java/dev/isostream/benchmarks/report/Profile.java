package dev.isostream.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordingFile;

/** Records what runs, by the JVM's own sampling, and says where the time went. */
public final class Profile implements AutoCloseable {

  private static final int SHOWN = 30;
  private static final String SAMPLE = "jdk.ExecutionSample";
  private static final String OURS = "dev.isostream.";

  private final Path file;
  private final Recording recording;

  private Profile(Path file, Recording recording) {
    this.file = file;
    this.recording = recording;
  }

  /** Records into a file of this name from now on. */
  public static Profile start(Path directory, String name) throws IOException {
    Files.createDirectories(directory);
    try {
      Recording recording = new Recording(Configuration.getConfiguration("profile"));
      recording.start();
      return new Profile(
          directory.resolve(name.replaceAll("[^A-Za-z0-9]+", "-") + ".jfr"), recording);
    } catch (ParseException e) {
      throw new IOException("the JVM's own profile settings", e);
    }
  }

  /** Ends the recording, leaves its file, and prints where the time went. */
  @Override
  public void close() throws IOException {
    recording.stop();
    recording.dump(file);
    recording.close();
    System.out.println(summary(file));
  }

  /** Prints what earlier recordings hold: their files. */
  public static void main(String[] arguments) throws IOException {
    for (String file : arguments) {
      System.out.println(summary(Path.of(file)));
    }
  }

  /** Where samples were taken most: threads, methods, and ours with all that they call. */
  static String summary(Path file) throws IOException {
    Map<String, Integer> top = new HashMap<>();
    Map<String, Integer> ours = new HashMap<>();
    Map<String, Integer> threads = new TreeMap<>();
    int samples = 0;
    try (RecordingFile events = new RecordingFile(file)) {
      while (events.hasMoreEvents()) {
        RecordedEvent event = events.readEvent();
        RecordedStackTrace stack = event.getStackTrace();
        if (event.getEventType().getName().equals(SAMPLE) && stack != null) {
          samples++;
          List<RecordedFrame> frames = stack.getFrames();
          top.merge(name(frames.get(0)), 1, Integer::sum);
          Set<String> ofUs = new LinkedHashSet<>();
          frames.stream().map(Profile::name).filter(n -> n.startsWith(OURS)).forEach(ofUs::add);
          ofUs.forEach(frame -> ours.merge(frame, 1, Integer::sum));
          threads.merge(thread(event), 1, Integer::sum);
        }
      }
    }
    return file
        + ": "
        + samples
        + " samples\n"
        + table("thread", threads, samples)
        + table("method", top, samples)
        + table("method of ours, with all that it calls", ours, samples);
  }

  private static String thread(RecordedEvent event) {
    String name =
        event.getValue("sampledThread") == null
            ? "?"
            : String.valueOf(event.getThread("sampledThread").getJavaName());
    return name.replaceAll("[0-9a-f-]{36}|\\d+", "#");
  }

  private static String name(RecordedFrame frame) {
    return frame.getMethod().getType().getName() + "." + frame.getMethod().getName();
  }

  private static String table(String title, Map<String, Integer> counts, int samples) {
    StringBuilder out = new StringBuilder("  by " + title + ":\n");
    counts.entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
        .limit(SHOWN)
        .forEach(
            entry ->
                out.append(
                    String.format(
                        Locale.ROOT,
                        "  %5.1f %%  %s%n",
                        100.0 * entry.getValue() / samples,
                        entry.getKey())));
    return out.toString();
  }
}
