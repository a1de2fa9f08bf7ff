package dev.isostream.pulsar;

import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.ExceptionTranslator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import org.apache.pulsar.client.admin.PulsarAdminException;
import org.apache.pulsar.client.api.PulsarClientException;
import org.jspecify.annotations.Nullable;

/** Native failures, classified once (contract E1, E3). */
final class PulsarErrors {

  private static final int DEEPEST_CAUSE = 8;

  /** By class, the first that fits. */
  private static final List<Map.Entry<Class<?>, ErrorKind>> KINDS =
      List.of(
          kind(
              PulsarClientException.GettingAuthenticationDataException.class,
              ErrorKind.AUTHENTICATION),
          kind(PulsarClientException.AuthenticationException.class, ErrorKind.AUTHENTICATION),
          kind(PulsarClientException.UnsupportedAuthenticationException.class, ErrorKind.INVALID),
          kind(PulsarClientException.AuthorizationException.class, ErrorKind.AUTHORIZATION),
          kind(PulsarClientException.TopicDoesNotExistException.class, ErrorKind.TOPIC_NOT_FOUND),
          kind(PulsarClientException.NotFoundException.class, ErrorKind.TOPIC_NOT_FOUND),
          kind(PulsarClientException.TopicTerminatedException.class, ErrorKind.INVALID),
          kind(PulsarClientException.InvalidMessageException.class, ErrorKind.TOO_LARGE),
          kind(PulsarClientException.ProducerFencedException.class, ErrorKind.FENCED),
          kind(PulsarClientException.InvalidServiceURL.class, ErrorKind.INVALID),
          kind(PulsarTlsClient.NotTrustedException.class, ErrorKind.SECURE_CONNECTION),
          kind(PulsarClientException.InvalidConfigurationException.class, ErrorKind.INVALID),
          kind(PulsarClientException.InvalidTopicNameException.class, ErrorKind.INVALID),
          kind(PulsarClientException.FeatureNotSupportedException.class, ErrorKind.INVALID),
          kind(PulsarClientException.NotAllowedException.class, ErrorKind.INVALID),
          kind(PulsarAdminException.NotAuthorizedException.class, ErrorKind.AUTHORIZATION),
          kind(PulsarAdminException.ConflictException.class, ErrorKind.ALREADY_EXISTS),
          kind(PulsarAdminException.NotFoundException.class, ErrorKind.TOPIC_NOT_FOUND),
          kind(PulsarAdminException.PreconditionFailedException.class, ErrorKind.INVALID),
          kind(PulsarAdminException.NotAllowedException.class, ErrorKind.INVALID),
          kind(PulsarAdminException.class, ErrorKind.UNAVAILABLE),
          kind(PulsarClientException.class, ErrorKind.UNAVAILABLE),
          kind(TimeoutException.class, ErrorKind.UNAVAILABLE),
          kind(java.io.IOException.class, ErrorKind.UNAVAILABLE));

  private static final int UNAUTHORIZED = 401;

  static final ExceptionTranslator TRANSLATOR =
      ExceptionTranslator.of("Pulsar's client", "broker", PulsarErrors::classify)
          .hint(
              ErrorKind.UNAVAILABLE,
              "are the address and pulsar.admin.url right, and the broker up?")
          .hint(ErrorKind.AUTHENTICATION, "see pulsar.authPluginClassName and pulsar.authParams.")
          .hint(
              ErrorKind.SECURE_CONNECTION,
              "see pulsar.tls, pulsar.tlsTrustCertsFilePath and pulsar.tlsTrustStorePath.");

  private PulsarErrors() {}

  private static Map.Entry<Class<?>, ErrorKind> kind(Class<?> type, ErrorKind kind) {
    return Map.entry(type, kind);
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
    return kind == null ? ErrorKind.UNKNOWN : kind;
  }

  private static @Nullable ErrorKind ofClass(Throwable failure) {
    if (failure instanceof DriverException known) {
      return known.kind();
    }
    if (failure instanceof SSLException
        || failure instanceof java.security.GeneralSecurityException) {
      return ErrorKind.SECURE_CONNECTION;
    }
    if (failure instanceof PulsarAdminException admin && admin.getStatusCode() == UNAUTHORIZED) {
      return ErrorKind.AUTHENTICATION;
    }
    for (Map.Entry<Class<?>, ErrorKind> entry : KINDS) {
      if (entry.getKey().isInstance(failure)) {
        return entry.getValue();
      }
    }
    return null;
  }

  /** What kind of failure it is. */
  static ErrorKind kind(Throwable failure) {
    return TRANSLATOR.kind(failure);
  }

  /**
   * Classifies, and says what was done.
   *
   * @param doing the beginning of a sentence, for example {@code Opening topic "orders"}
   */
  static DriverException translate(String doing, Throwable failure) {
    return TRANSLATOR.translate(doing, failure);
  }

  static DriverException of(ErrorKind kind, String doing, @Nullable Throwable failure) {
    return TRANSLATOR.of(kind, doing, failure);
  }

  /** As {@link #translate}, for stages. */
  static <T> Function<Throwable, T> rethrow(String doing) {
    return failure -> {
      throw translate(doing, failure);
    };
  }
}
