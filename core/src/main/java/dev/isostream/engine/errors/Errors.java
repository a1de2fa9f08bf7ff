package dev.isostream.engine.errors;

import dev.isostream.AlreadyExistsException;
import dev.isostream.AuthenticationException;
import dev.isostream.AuthorizationException;
import dev.isostream.BackendException;
import dev.isostream.BrokerUnavailableException;
import dev.isostream.ClosedException;
import dev.isostream.GroupActiveException;
import dev.isostream.GroupNotFoundException;
import dev.isostream.InterruptedOperationException;
import dev.isostream.InvalidRequestException;
import dev.isostream.LimitExceededException;
import dev.isostream.MessagingException;
import dev.isostream.PositionRemovedException;
import dev.isostream.SecureConnectionException;
import dev.isostream.SendFailedException;
import dev.isostream.StaleDeliveryException;
import dev.isostream.TopicNotFoundException;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.ExceptionTranslator;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Makes public exceptions of classified failures (contract E1). The native exception becomes the
 * cause; the message says what was being done, what was wrong and what to do. Stateless.
 */
public final class Errors {

  private static final int MAX_REASON = 500;

  private Errors() {}

  /**
   * The public exception for a failure.
   *
   * @param doing what was being done, to follow "while": {@code "opening a producer of topic
   *     orders"}
   * @param failure of any kind; what a stage wrapped is unwrapped; a public exception is returned
   *     as it is
   */
  public static MessagingException translate(String doing, Throwable failure) {
    Throwable bare = unwrap(failure);
    if (bare instanceof MessagingException known) {
      return known;
    }
    if (bare instanceof DriverException driver) {
      return of(driver.kind(), doing, reason(driver), nativeCause(driver));
    }
    if (bare instanceof TimeoutException) {
      return of(ErrorKind.UNAVAILABLE, doing, reasonOfTimeout(bare), bare);
    }
    return of(ErrorKind.UNKNOWN, doing, reason(bare), bare);
  }

  /** What kind of failure it is, for those who act on it; what is not classified is unknown. */
  public static ErrorKind kindOf(Throwable failure) {
    Throwable bare = unwrap(failure);
    if (bare instanceof DriverException driver) {
      return driver.kind();
    }
    return bare instanceof TimeoutException ? ErrorKind.UNAVAILABLE : ErrorKind.UNKNOWN;
  }

  /**
   * The exception of a send that was decided as failed (contract P3).
   *
   * <p>Its cause is the native exception; where the failure has a class of its own (no permission,
   * no such topic, too large …), that one stands between.
   */
  public static SendFailedException sendFailed(
      String topic, ErrorKind kind, boolean maybeStored, Throwable cause) {
    String doing = "publishing to topic " + topic;
    Throwable bare = unwrap(cause);
    Throwable shown = bare instanceof DriverException driver ? nativeCause(driver) : bare;
    if (hasClassOfItsOwn(kind)) {
      shown = of(kind, doing, reason(bare), shown);
    }
    String text =
        "Failed while "
            + doing
            + ": "
            + reason(bare)
            + ". "
            + (maybeStored
                ? "The message may have been stored; sending it again may store it twice."
                : "The message was not stored.")
            + advice(kind);
    return new SendFailedException(text, maybeStored, kind.isRetriable(), shown);
  }

  /** For a thread that was interrupted while it waited; sets its interrupt flag. */
  public static InterruptedOperationException interrupted(
      String doing, InterruptedException cause) {
    Thread.currentThread().interrupt();
    return new InterruptedOperationException("Interrupted while " + doing + ".", cause);
  }

  /** Lets an exception that was made elsewhere also show who waited for it. */
  public static MessagingException here(MessagingException failure) {
    failure.addSuppressed(new Awaited());
    return failure;
  }

  /** For use after close (contract F6). */
  public static ClosedException closed(String what) {
    return new ClosedException("The " + what + " is closed.");
  }

  /** Takes off what stages and futures wrap around. */
  public static Throwable unwrap(Throwable failure) {
    return ExceptionTranslator.bare(failure);
  }

  /** A failure in a line, for logs. */
  public static String describe(Throwable failure) {
    Throwable bare = unwrap(failure);
    return bare instanceof DriverException driver
        ? driver.kind() + ": " + reason(driver)
        : reason(bare);
  }

  private static MessagingException of(
      ErrorKind kind, String doing, String reason, Throwable cause) {
    String text = "Failed while " + doing + ": " + reason + "." + advice(kind);
    return switch (kind) {
      case UNAVAILABLE -> new BrokerUnavailableException(text, cause);
      case TOPIC_NOT_FOUND -> new TopicNotFoundException(text, cause);
      case GROUP_NOT_FOUND -> new GroupNotFoundException(text, cause);
      case GROUP_ACTIVE -> new GroupActiveException(text, cause);
      case ALREADY_EXISTS -> new AlreadyExistsException(text, cause);
      case AUTHENTICATION -> new AuthenticationException(text, cause);
      case AUTHORIZATION -> new AuthorizationException(text, cause);
      case SECURE_CONNECTION -> new SecureConnectionException(text, cause);
      case TOO_LARGE -> new LimitExceededException(text, cause);
      case INVALID -> new InvalidRequestException(text, cause);
      case FENCED -> new StaleDeliveryException(text, cause);
      case REMOVED -> new PositionRemovedException(text, null, null, cause);
      case CLOSED -> new ClosedException(text, cause);
      case UNKNOWN -> new BackendException(text, cause);
    };
  }

  private static String advice(ErrorKind kind) {
    return switch (kind) {
      case UNAVAILABLE -> " Check the address and that the broker runs; then try again.";
      case TOPIC_NOT_FOUND -> " Create the topic, or check its name.";
      case GROUP_NOT_FOUND -> " Check the topic's and the group's names.";
      case GROUP_ACTIVE -> " Close the group's members first.";
      case ALREADY_EXISTS -> " Use it as it is, or choose another name.";
      case AUTHENTICATION -> " Check the credentials in the configuration.";
      case AUTHORIZATION -> " Give these credentials the permission on the broker.";
      case SECURE_CONNECTION ->
          " Check that client and broker both use TLS, and the certificates that each trusts.";
      case TOO_LARGE -> " Send less, or raise the limit on the broker.";
      case INVALID -> " Correct the argument.";
      case FENCED -> " The share is another member's by now; what is unsettled comes to it.";
      case REMOVED -> " Start at the earliest one left.";
      case CLOSED -> " Open a new one.";
      case UNKNOWN -> " The cause says what the backend's client reported.";
    };
  }

  private static boolean hasClassOfItsOwn(ErrorKind kind) {
    return switch (kind) {
      case TOPIC_NOT_FOUND, AUTHENTICATION, AUTHORIZATION, SECURE_CONNECTION, TOO_LARGE, INVALID ->
          true;
      default -> false;
    };
  }

  private static String reasonOfTimeout(Throwable timeout) {
    @Nullable String said = timeout.getMessage();
    return said == null ? "no answer in time" : said;
  }

  private static Throwable nativeCause(DriverException failure) {
    Throwable cause = failure.getCause();
    return cause == null ? failure : cause;
  }

  /** The failure's own words, bounded, without the full stop that follows. */
  private static String reason(Throwable failure) {
    @Nullable String said = failure.getMessage();
    String text =
        said == null || said.isBlank() ? failure.getClass().getSimpleName() : said.strip();
    if (!(failure instanceof DriverException) && said != null) {
      text = failure.getClass().getSimpleName() + ": " + text;
    }
    if (text.length() > MAX_REASON) {
      text = text.substring(0, MAX_REASON) + "…";
    }
    return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
  }

  /** Only the place of the wait. */
  private static final class Awaited extends Exception {
    private static final long serialVersionUID = 1L;

    Awaited() {
      super("awaited here");
    }
  }
}
