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
import dev.isostream.spi.ExceptionTranslator;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Native failures, classified once (contract E1, E3). */
final class RabbitErrors {

  private static final int DEEPEST_CAUSE = 8;

  static final ExceptionTranslator TRANSLATOR =
      ExceptionTranslator.of("RabbitMQ or its client", "broker", RabbitErrors::classify)
          .hint(
              ErrorKind.UNAVAILABLE,
              "is the address that of the stream listener (5552 by default), and the broker up?")
          .hint(ErrorKind.AUTHENTICATION, "see rabbitmq.username and rabbitmq.password.")
          .hint(
              ErrorKind.AUTHORIZATION,
              "see the user's permissions (configure, write, read) and the virtual host.")
          .hint(ErrorKind.SECURE_CONNECTION, "see rabbitmq.tls and rabbitmq.tls.trust.store.");

  private RabbitErrors() {}

  private static ErrorKind classify(Throwable failure) {
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

  /** See {@link ExceptionTranslator#translate}. */
  static DriverException translate(String doing, Throwable failure) {
    return TRANSLATOR.translate(doing, failure);
  }

  /** See {@link ExceptionTranslator#of(ErrorKind, String, Throwable)}. */
  static DriverException of(ErrorKind kind, String doing, @Nullable Throwable failure) {
    return TRANSLATOR.of(kind, doing, failure);
  }

  /** A response that is not OK. */
  static DriverException refused(String doing, short code) {
    return TRANSLATOR.answered(kindOfCode(code), doing, "code " + code);
  }
}
