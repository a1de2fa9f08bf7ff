package dev.isostream.spi;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes {@link DriverException}s of native failures, in the same sentences on every backend. An
 * adapter has one, and tells it how to classify and what to look at. Immutable, so thread-safe.
 */
public final class ExceptionTranslator {

  private static final int DEEPEST_CAUSE = 8;

  /** Some clients tell all their state. */
  private static final int LONGEST_WORDS = 400;

  private final String speaker;
  private final String server;
  private final Function<Throwable, ErrorKind> classifier;
  private final Map<ErrorKind, String> hints;

  private ExceptionTranslator(
      String speaker,
      String server,
      Function<Throwable, ErrorKind> classifier,
      Map<ErrorKind, String> hints) {
    this.speaker = speaker;
    this.server = server;
    this.classifier = classifier;
    this.hints = hints;
  }

  /**
   * One without hints.
   *
   * @param speaker whose words native messages are, for example {@code Kafka}
   * @param server what answers requests: {@code broker}, {@code server}, {@code service}
   * @param classifier what kind of failure a native one is; is given it {@link #bare}, and none
   *     that is a {@link DriverException}
   */
  public static ExceptionTranslator of(
      String speaker, String server, Function<Throwable, ErrorKind> classifier) {
    return new ExceptionTranslator(speaker, server, classifier, Map.of());
  }

  /**
   * One that says more of a kind.
   *
   * @param hint what to do or to look at, with the stop at its end, for example {@code see
   *     redis.user and redis.password.}
   */
  public ExceptionTranslator hint(ErrorKind kind, String hint) {
    Map<ErrorKind, String> all = new EnumMap<>(ErrorKind.class);
    all.putAll(hints);
    all.put(kind, hint);
    return new ExceptionTranslator(speaker, server, classifier, all);
  }

  /** What kind of failure it is. */
  public ErrorKind kind(Throwable failure) {
    Throwable bare = bare(failure);
    return bare instanceof DriverException known ? known.kind() : classifier.apply(bare);
  }

  /**
   * Classifies, and says what was done. A {@link DriverException} stays as it is.
   *
   * @param doing the beginning of a sentence, for example {@code Opening topic "orders"}
   */
  public DriverException translate(String doing, Throwable failure) {
    Throwable bare = bare(failure);
    return bare instanceof DriverException known ? known : of(classifier.apply(bare), doing, bare);
  }

  /** As {@link #translate}, for a stage. */
  public <T> CompletionStage<T> stage(String doing, CompletionStage<T> stage) {
    Function<Throwable, T> thrower =
        failure -> {
          throw translate(doing, failure);
        };
    return stage.exceptionally(thrower);
  }

  /** Of a kind that is known; with what the failure says, where there is one. */
  public DriverException of(ErrorKind kind, String doing, @Nullable Throwable failure) {
    return make(kind, doing, failure == null ? "" : words(failure), failure);
  }

  /** Of an answer that is no exception, for example a code. */
  public DriverException answered(ErrorKind kind, String doing, String answer) {
    return make(kind, doing, answer, null);
  }

  private DriverException make(
      ErrorKind kind, String doing, String told, @Nullable Throwable failure) {
    String hint = hints.get(kind);
    return new DriverException(
        kind,
        doing
            + " failed: "
            + sentence(kind)
            + (hint == null ? "." : "; " + hint)
            + (told.isEmpty() ? "" : " " + speaker + " says: " + told),
        failure);
  }

  /** Of the failure, and of what lies deepest in it, where that says more. */
  private static String words(Throwable failure) {
    Throwable last = failure;
    Throwable cause = failure.getCause();
    for (int i = 0; i < DEEPEST_CAUSE && cause != null; i++) {
      last = cause;
      cause = cause.getCause();
    }
    String text = text(failure);
    String more = last == failure ? "" : text(last);
    return (text.isEmpty() ? failure.getClass().getSimpleName() : text)
        + (more.isEmpty() || text.contains(more) ? "" : " (" + more + ")");
  }

  private static String text(Throwable failure) {
    String message = failure.getMessage() == null ? "" : failure.getMessage().strip();
    return message.length() <= LONGEST_WORDS ? message : message.substring(0, LONGEST_WORDS) + " …";
  }

  private String sentence(ErrorKind kind) {
    return switch (kind) {
      case UNAVAILABLE -> "no " + server + " answered as it should in time";
      case TOPIC_NOT_FOUND -> "there is no such topic";
      case GROUP_NOT_FOUND -> "there is no such group";
      case GROUP_ACTIVE -> "the group has live members; close them first";
      case ALREADY_EXISTS -> "there is one of that name";
      case AUTHENTICATION -> "the " + server + " refused the credentials";
      case AUTHORIZATION -> "the " + server + " grants these credentials no permission for it";
      case SECURE_CONNECTION -> "TLS was not agreed on";
      case TOO_LARGE -> "it is larger than the " + server + " or the client takes";
      case INVALID -> "the " + server + " or the client does not take it";
      case FENCED -> "it is another member's or writer's by now";
      case REMOVED -> "the place is not in the log";
      case CLOSED -> "the client was closed";
      case UNKNOWN -> "the client or the " + server + " failed in a way not known here";
    };
  }

  /** The failure without the wrappers of stages and futures. */
  public static Throwable bare(Throwable failure) {
    Throwable bare = failure;
    Throwable cause = bare.getCause();
    while ((bare instanceof CompletionException || bare instanceof ExecutionException)
        && cause != null) {
      bare = cause;
      cause = bare.getCause();
    }
    return bare;
  }
}
