package dev.isostream.conformance;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Everything that a run shows: what goes to the standard streams, logs included, and every
 * exception. Searched for marked secrets (contract E4).
 *
 * <p>Threads: thread-safe.
 */
public final class Transcript implements AutoCloseable {

  private static final List<Transcript> LISTENING = new CopyOnWriteArrayList<>();
  private static final int SHOWN = 200;

  static {
    System.setOut(tee(System.out));
    System.setErr(tee(System.err));
  }

  private final String marked = "s3cr3t-" + UUID.randomUUID();
  private final Set<String> secrets;
  private final List<String> leaks = new CopyOnWriteArrayList<>();
  private final AtomicLong characters = new AtomicLong();
  private final Map<String, AtomicLong> watched = new ConcurrentHashMap<>();

  private Transcript(Collection<String> secrets) {
    this.secrets = new java.util.HashSet<>(secrets);
    this.secrets.add(marked);
  }

  /** Starts listening; these are searched for, and {@link #markedSecret}. */
  public static Transcript listen(Collection<String> secrets) {
    Transcript transcript = new Transcript(secrets);
    LISTENING.add(transcript);
    return transcript;
  }

  /** A secret of this run alone. */
  public String markedSecret() {
    return marked;
  }

  /** How much was searched. */
  public long characters() {
    return characters.get();
  }

  /** Where secrets showed. */
  public List<String> leaks() {
    return List.copyOf(leaks);
  }

  /**
   * Counts from now on how many lines of output have this text in them.
   *
   * @param text something that nothing else says, for example {@code Scene.unique}
   */
  public LongSupplier watch(String text) {
    AtomicLong lines = new AtomicLong();
    watched.put(text, lines);
    return lines::get;
  }

  private void output(String line) {
    search("output", line);
    watched.forEach(
        (text, lines) -> {
          if (line.contains(text)) {
            lines.incrementAndGet();
          }
        });
  }

  /** Searches a text. */
  public void search(String where, String text) {
    characters.addAndGet(text.length());
    for (String secret : secrets) {
      int at = text.indexOf(secret);
      if (at >= 0) {
        String masked = text.replace(secret, "<the secret>");
        leaks.add(
            where
                + ": "
                + masked.substring(Math.max(0, at - SHOWN), Math.min(masked.length(), at + SHOWN)));
      }
    }
  }

  /** Searches an exception, its causes and stack traces. */
  public void search(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    search("an exception", text.toString());
  }

  /** Stops listening. */
  @Override
  public void close() {
    LISTENING.remove(this);
  }

  private static PrintStream tee(PrintStream original) {
    return new PrintStream(new Tee(original), true, StandardCharsets.UTF_8);
  }

  /** Passes everything on, and has each line searched. */
  private static final class Tee extends OutputStream {
    private final PrintStream original;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    Tee(PrintStream original) {
      this.original = original;
    }

    @Override
    public synchronized void write(int b) {
      original.write(b);
      keep((byte) b);
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int length) {
      original.write(bytes, from, length);
      for (int i = from; i < from + length; i++) {
        keep(bytes[i]);
      }
    }

    private void keep(byte b) {
      if (b != '\n') {
        line.write(b);
        return;
      }
      String text = line.toString(StandardCharsets.UTF_8);
      line.reset();
      LISTENING.forEach(transcript -> transcript.output(text));
    }

    @Override
    public void flush() {
      original.flush();
    }
  }
}
