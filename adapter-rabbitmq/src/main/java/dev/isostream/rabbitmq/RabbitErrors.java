package dev.isostream.rabbitmq;

import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.PossibleAuthenticationFailureException;
import com.rabbitmq.client.ShutdownSignalException;
import com.rabbitmq.stream.AuthenticationFailureException;
import com.rabbitmq.stream.Constants;
import com.rabbitmq.stream.StreamDoesNotExistException;
import com.rabbitmq.stream.StreamException;
import com.rabbitmq.stream.StreamNotAvailableException;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Native failures, classified once (contract E1, E3). */
final class RabbitErrors {

  private static final int DEEPEST_CAUSE = 8;

  private RabbitErrors() {}

  /** What kind of failure it is. */
  static ErrorKind kind(Throwable failure) {
    Throwable at = failure;
    ErrorKind kind = null;
    for (int i = 0; i < DEEPEST_CAUSE && at != null; i++) {
      ErrorKind own = ofClass(at);
      // what lies deeper says more, but for what is known to be final
      if (own != null && (kind == null || kind == ErrorKind.UNAVAILABLE)) {
        kind = own;
      }
      at = at.getCause();
    }
    return kind == null ? ErrorKind.UNKNOWN : kind;
  }

  private static @Nullable ErrorKind ofClass(Throwable failure) {
    if (failure instanceof DriverException known) {
      return known.kind();
    }
    if (failure instanceof SSLException
        || failure instanceof java.security.GeneralSecurityException
        || failure instanceof io.netty.handler.codec.DecoderException) {
      return ErrorKind.SECURE_CONNECTION;
    }
    if (failure instanceof AuthenticationFailureException
        || failure instanceof PossibleAuthenticationFailureException) {
      return ErrorKind.AUTHENTICATION;
    }
    if (failure instanceof StreamDoesNotExistException) {
      return ErrorKind.TOPIC_NOT_FOUND;
    }
    if (failure instanceof StreamNotAvailableException) {
      return ErrorKind.UNAVAILABLE;
    }
    if (failure instanceof StreamException stream) {
      return ofStream(stream);
    }
    if (failure instanceof AlreadyClosedException) {
      return ErrorKind.UNAVAILABLE;
    }
    if (failure instanceof ShutdownSignalException signal) {
      return ofSignal(signal);
    }
    if (failure instanceof IOException || failure instanceof TimeoutException) {
      return ErrorKind.UNAVAILABLE;
    }
    return null;
  }

  private static ErrorKind ofStream(StreamException failure) {
    if (failure.getCode() > 0) {
      return kindOfCode(failure.getCode());
    }
    // the client gives no code where the virtual host is refused; it shows in the text only
    String text = String.valueOf(failure.getMessage());
    return text.contains("VIRTUAL_HOST_ACCESS_FAILURE")
        ? ErrorKind.AUTHORIZATION
        : ErrorKind.UNAVAILABLE;
  }

  private static ErrorKind ofSignal(ShutdownSignalException signal) {
    int code =
        signal.getReason() instanceof com.rabbitmq.client.AMQP.Channel.Close channel
            ? channel.getReplyCode()
            : signal.getReason() instanceof com.rabbitmq.client.AMQP.Connection.Close connection
                ? connection.getReplyCode()
                : 0;
    return switch (code) {
      case 403, 530 -> ErrorKind.AUTHORIZATION;
      case 404 -> ErrorKind.TOPIC_NOT_FOUND;
      case 405, 406, 503, 540 -> ErrorKind.INVALID;
      default -> ErrorKind.UNAVAILABLE;
    };
  }

  /** What a response's code means. */
  static ErrorKind kindOfCode(short code) {
    return switch (code) {
      case Constants.RESPONSE_CODE_STREAM_DOES_NOT_EXIST -> ErrorKind.TOPIC_NOT_FOUND;
      case Constants.RESPONSE_CODE_STREAM_ALREADY_EXISTS -> ErrorKind.ALREADY_EXISTS;
      case Constants.RESPONSE_CODE_ACCESS_REFUSED,
          Constants.RESPONSE_CODE_VIRTUAL_HOST_ACCESS_FAILURE ->
          ErrorKind.AUTHORIZATION;
      case Constants.RESPONSE_CODE_AUTHENTICATION_FAILURE,
          Constants.RESPONSE_CODE_AUTHENTICATION_FAILURE_LOOPBACK,
          Constants.RESPONSE_CODE_SASL_ERROR,
          Constants.RESPONSE_CODE_SASL_MECHANISM_NOT_SUPPORTED ->
          ErrorKind.AUTHENTICATION;
      case Constants.RESPONSE_CODE_PRECONDITION_FAILED -> ErrorKind.INVALID;
      case Constants.RESPONSE_CODE_FRAME_TOO_LARGE -> ErrorKind.TOO_LARGE;
      default -> ErrorKind.UNAVAILABLE;
    };
  }

  /**
   * Classifies, and says what was done.
   *
   * @param doing the beginning of a sentence, for example {@code Opening topic "orders"}
   */
  static DriverException translate(String doing, Throwable failure) {
    Throwable bare = failure;
    while ((bare instanceof CompletionException || bare instanceof ExecutionException)
        && bare.getCause() != null) {
      bare = bare.getCause();
    }
    return bare instanceof DriverException known ? known : of(kind(bare), doing, bare);
  }

  static DriverException of(ErrorKind kind, String doing, @Nullable Throwable failure) {
    return new DriverException(
        kind,
        doing + " failed: " + sentence(kind) + (failure == null ? "" : detail(failure)),
        failure);
  }

  /** A response that is not OK. */
  static DriverException refused(String doing, short code) {
    ErrorKind kind = kindOfCode(code);
    return new DriverException(
        kind, doing + " failed: " + sentence(kind) + " RabbitMQ answers with code " + code, null);
  }

  private static String detail(Throwable failure) {
    Throwable last = failure;
    for (int i = 0; i < DEEPEST_CAUSE && last.getCause() != null; i++) {
      last = last.getCause();
    }
    String text = failure.getMessage() == null ? "" : failure.getMessage().strip();
    String more = last == failure || last.getMessage() == null ? "" : last.getMessage().strip();
    return " RabbitMQ's client says: "
        + (text.isEmpty() ? failure.getClass().getSimpleName() : text)
        + (more.isEmpty() || text.contains(more) ? "" : " (" + more + ")");
  }

  private static String sentence(ErrorKind kind) {
    return switch (kind) {
      case UNAVAILABLE ->
          "no node answered as it should in time; is the address that of the stream listener (5552"
              + " by default), and the broker up?";
      case TOPIC_NOT_FOUND -> "there is no such topic.";
      case GROUP_NOT_FOUND -> "there is no such group.";
      case GROUP_ACTIVE -> "the group has live members; close them first.";
      case ALREADY_EXISTS -> "there is one of that name.";
      case AUTHENTICATION ->
          "the broker refused the credentials; see rabbitmq.username and rabbitmq.password.";
      case AUTHORIZATION ->
          "the broker grants this user no permission for it (configure, write or read), or none for"
              + " the virtual host.";
      case SECURE_CONNECTION ->
          "TLS was not agreed on; see rabbitmq.tls and rabbitmq.tls.trust.store.";
      case TOO_LARGE -> "it is larger than a frame may be.";
      case INVALID -> "the broker or the client does not take it.";
      case FENCED -> "it is another member's by now.";
      case REMOVED -> "the place is not in the stream.";
      case CLOSED -> "the client was closed.";
      case UNKNOWN -> "the client or the broker failed in a way not known here.";
    };
  }
}
