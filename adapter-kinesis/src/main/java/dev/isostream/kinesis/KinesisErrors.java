package dev.isostream.kinesis;

import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.ExceptionTranslator;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;

/** Native failures, classified once (contract E1, E3). */
final class KinesisErrors {

  private static final int DEEPEST_CAUSE = 10;
  private static final int SERVER_ERROR = 500;

  /** By the code of a service's error. */
  private static final Map<String, ErrorKind> CODES =
      Map.ofEntries(
          Map.entry("ResourceNotFoundException", ErrorKind.TOPIC_NOT_FOUND),
          // being changed or deleted; that of a name that is taken is told by who makes one
          Map.entry("ResourceInUseException", ErrorKind.UNAVAILABLE),
          Map.entry("ExpiredIteratorException", ErrorKind.UNAVAILABLE),
          Map.entry("ExpiredNextTokenException", ErrorKind.UNAVAILABLE),
          Map.entry("ProvisionedThroughputExceededException", ErrorKind.UNAVAILABLE),
          Map.entry("KMSThrottlingException", ErrorKind.UNAVAILABLE),
          Map.entry("LimitExceededException", ErrorKind.UNAVAILABLE),
          Map.entry("RequestLimitExceeded", ErrorKind.UNAVAILABLE),
          Map.entry("ThrottlingException", ErrorKind.UNAVAILABLE),
          Map.entry("InternalFailure", ErrorKind.UNAVAILABLE),
          Map.entry("ServiceUnavailable", ErrorKind.UNAVAILABLE),
          Map.entry("AccessDeniedException", ErrorKind.AUTHORIZATION),
          Map.entry("AccessDenied", ErrorKind.AUTHORIZATION),
          Map.entry("KMSAccessDeniedException", ErrorKind.AUTHORIZATION),
          Map.entry("KMSDisabledException", ErrorKind.AUTHORIZATION),
          Map.entry("KMSOptInRequired", ErrorKind.AUTHORIZATION),
          Map.entry("OptInRequired", ErrorKind.AUTHORIZATION),
          Map.entry("NotAuthorized", ErrorKind.AUTHORIZATION),
          Map.entry("UnrecognizedClientException", ErrorKind.AUTHENTICATION),
          Map.entry("InvalidSignatureException", ErrorKind.AUTHENTICATION),
          Map.entry("IncompleteSignature", ErrorKind.AUTHENTICATION),
          Map.entry("IncompleteSignatureException", ErrorKind.AUTHENTICATION),
          Map.entry("InvalidClientTokenId", ErrorKind.AUTHENTICATION),
          Map.entry("MissingAuthenticationToken", ErrorKind.AUTHENTICATION),
          Map.entry("MissingAuthenticationTokenException", ErrorKind.AUTHENTICATION),
          Map.entry("ExpiredTokenException", ErrorKind.AUTHENTICATION),
          Map.entry("ExpiredToken", ErrorKind.AUTHENTICATION),
          Map.entry("SignatureDoesNotMatch", ErrorKind.AUTHENTICATION),
          Map.entry("InvalidArgumentException", ErrorKind.INVALID),
          Map.entry("ValidationException", ErrorKind.INVALID),
          Map.entry("ConditionalCheckFailedException", ErrorKind.FENCED));

  private static final ExceptionTranslator TRANSLATOR =
      ExceptionTranslator.of("AWS or its client", "service", KinesisErrors::classify)
          .hint(ErrorKind.UNAVAILABLE, "are the region and the endpoint right?")
          .hint(
              ErrorKind.AUTHENTICATION,
              "see kinesis.access.key.id, kinesis.profile, kinesis.role.arn and the AWS SDK's own"
                  + " chain.")
          .hint(ErrorKind.AUTHORIZATION, "see the credentials' policies.")
          .hint(ErrorKind.SECURE_CONNECTION, "see kinesis.tls and kinesis.tls.trust.store.");

  private KinesisErrors() {}

  /** What kind of failure it is. */
  static ErrorKind kind(Throwable failure) {
    return TRANSLATOR.kind(failure);
  }

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
    if (kind == null && failure instanceof SdkClientException) {
      return isWithoutCredentials(failure) ? ErrorKind.AUTHENTICATION : ErrorKind.UNAVAILABLE;
    }
    return kind == null ? ErrorKind.UNKNOWN : kind;
  }

  /** The SDK has no class for it, and no code. */
  private static boolean isWithoutCredentials(Throwable failure) {
    String text = String.valueOf(failure.getMessage());
    return text.contains("load credentials");
  }

  private static @Nullable ErrorKind ofClass(Throwable failure) {
    if (failure instanceof DriverException known) {
      return known.kind();
    }
    if (failure instanceof AwsServiceException service) {
      return ofService(service);
    }
    if (failure instanceof SSLException
        || failure instanceof java.security.GeneralSecurityException
        || failure instanceof io.netty.handler.codec.DecoderException) {
      return ErrorKind.SECURE_CONNECTION;
    }
    if (failure instanceof ApiCallTimeoutException
        || failure instanceof ApiCallAttemptTimeoutException
        || failure instanceof IOException
        || failure instanceof TimeoutException) {
      return ErrorKind.UNAVAILABLE;
    }
    if (failure instanceof AbortedException
        || (failure instanceof IllegalStateException
            && String.valueOf(failure.getMessage()).contains("shut down"))) {
      return ErrorKind.CLOSED;
    }
    return null;
  }

  private static ErrorKind ofService(AwsServiceException failure) {
    String code = code(failure);
    ErrorKind known = CODES.get(code);
    if (known != null) {
      return known;
    }
    if (failure.isThrottlingException() || failure.statusCode() >= SERVER_ERROR) {
      return ErrorKind.UNAVAILABLE;
    }
    return failure.statusCode() == 403 ? ErrorKind.AUTHORIZATION : ErrorKind.INVALID;
  }

  /** The service's own word; empty where the failure is no answer of a service. */
  static String code(@Nullable Throwable failure) {
    Throwable at = bare(failure);
    return at instanceof AwsServiceException service
            && service.awsErrorDetails() != null
            && service.awsErrorDetails().errorCode() != null
        ? service.awsErrorDetails().errorCode()
        : at instanceof AwsServiceException ? at.getClass().getSimpleName() : "";
  }

  /** Whether no request was written: there was no connection. */
  static boolean isUnwritten(Throwable failure) {
    Throwable at = failure;
    for (int i = 0; i < DEEPEST_CAUSE && at != null; i++) {
      if (at instanceof ConnectException
          || at instanceof UnknownHostException
          || at instanceof SSLException) {
        return true;
      }
      at = at.getCause();
    }
    return false;
  }

  /** See {@link ExceptionTranslator#bare}. */
  static @Nullable Throwable bare(@Nullable Throwable failure) {
    return failure == null ? null : ExceptionTranslator.bare(failure);
  }

  /** See {@link ExceptionTranslator#translate}. */
  static DriverException translate(String doing, Throwable failure) {
    return TRANSLATOR.translate(doing, failure);
  }

  /** See {@link ExceptionTranslator#of(ErrorKind, String, Throwable)}. */
  static DriverException of(ErrorKind kind, String doing, @Nullable Throwable failure) {
    return TRANSLATOR.of(kind, doing, failure);
  }
}
