package dev.isostream.kafka;

import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.ExceptionTranslator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.RetriableCommitFailedException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.FencedMemberEpochException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupMaxSizeReachedException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.IllegalGenerationException;
import org.apache.kafka.common.errors.InconsistentGroupProtocolException;
import org.apache.kafka.common.errors.InvalidCommitOffsetSizeException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidGroupIdException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.InvalidSessionTimeoutException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.OffsetMetadataTooLarge;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.StaleMemberEpochException;
import org.apache.kafka.common.errors.ThrottlingQuotaExceededException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnreleasedInstanceIdException;
import org.apache.kafka.common.errors.UnsupportedAssignorException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.jspecify.annotations.Nullable;

/** Native failures, classified once (contract E1, E3). */
final class KafkaErrors {

  private static final int DEEPEST_CAUSE = 8;

  private static final ExceptionTranslator TRANSLATOR =
      ExceptionTranslator.of("Kafka", "broker", KafkaErrors::classify)
          .hint(ErrorKind.UNAVAILABLE, "is the address right, and the broker up?")
          .hint(
              ErrorKind.AUTHENTICATION,
              "see kafka.security.protocol, kafka.sasl.mechanism and kafka.sasl.jaas.config.")
          .hint(
              ErrorKind.SECURE_CONNECTION,
              "see kafka.security.protocol and kafka.ssl.truststore.location.");

  /** By class, the first that fits; {@link #classify} sees to what depends on more. */
  private static final List<Map.Entry<Class<?>, ErrorKind>> KINDS =
      List.of(
          kind(SslAuthenticationException.class, ErrorKind.SECURE_CONNECTION),
          kind(AuthenticationException.class, ErrorKind.AUTHENTICATION),
          kind(AuthorizationException.class, ErrorKind.AUTHORIZATION),
          kind(UnknownTopicOrPartitionException.class, ErrorKind.TOPIC_NOT_FOUND),
          kind(UnknownTopicIdException.class, ErrorKind.TOPIC_NOT_FOUND),
          kind(TopicExistsException.class, ErrorKind.ALREADY_EXISTS),
          kind(GroupIdNotFoundException.class, ErrorKind.GROUP_NOT_FOUND),
          kind(GroupNotEmptyException.class, ErrorKind.GROUP_ACTIVE),
          kind(RecordTooLargeException.class, ErrorKind.TOO_LARGE),
          kind(RecordBatchTooLargeException.class, ErrorKind.TOO_LARGE),
          kind(OffsetMetadataTooLarge.class, ErrorKind.TOO_LARGE),
          kind(InvalidCommitOffsetSizeException.class, ErrorKind.TOO_LARGE),
          kind(CommitFailedException.class, ErrorKind.FENCED),
          kind(FencedInstanceIdException.class, ErrorKind.FENCED),
          kind(FencedMemberEpochException.class, ErrorKind.FENCED),
          kind(IllegalGenerationException.class, ErrorKind.FENCED),
          kind(UnknownMemberIdException.class, ErrorKind.FENCED),
          kind(ProducerFencedException.class, ErrorKind.FENCED),
          kind(InvalidProducerEpochException.class, ErrorKind.FENCED),
          kind(OffsetOutOfRangeException.class, ErrorKind.REMOVED),
          kind(
              org.apache.kafka.clients.consumer.OffsetOutOfRangeException.class, ErrorKind.REMOVED),
          kind(ConfigException.class, ErrorKind.INVALID),
          kind(InvalidTopicException.class, ErrorKind.INVALID),
          kind(InvalidGroupIdException.class, ErrorKind.INVALID),
          kind(InvalidPartitionsException.class, ErrorKind.INVALID),
          kind(InvalidReplicationFactorException.class, ErrorKind.INVALID),
          kind(InvalidConfigurationException.class, ErrorKind.INVALID),
          kind(InvalidSessionTimeoutException.class, ErrorKind.INVALID),
          kind(InvalidRequestException.class, ErrorKind.INVALID),
          kind(InconsistentGroupProtocolException.class, ErrorKind.INVALID),
          kind(UnsupportedAssignorException.class, ErrorKind.INVALID),
          kind(UnsupportedVersionException.class, ErrorKind.INVALID),
          kind(PolicyViolationException.class, ErrorKind.INVALID),
          kind(RetriableCommitFailedException.class, ErrorKind.UNAVAILABLE),
          // the member has a newer epoch by now, mostly with the same partitions: it may ask again
          kind(StaleMemberEpochException.class, ErrorKind.UNAVAILABLE),
          kind(RebalanceInProgressException.class, ErrorKind.UNAVAILABLE),
          kind(ThrottlingQuotaExceededException.class, ErrorKind.UNAVAILABLE),
          kind(GroupMaxSizeReachedException.class, ErrorKind.UNAVAILABLE),
          kind(UnreleasedInstanceIdException.class, ErrorKind.UNAVAILABLE),
          kind(RetriableException.class, ErrorKind.UNAVAILABLE));

  private KafkaErrors() {}

  private static Map.Entry<Class<?>, ErrorKind> kind(Class<?> type, ErrorKind kind) {
    return Map.entry(type, kind);
  }

  /** What kind of failure it is. */
  static ErrorKind kind(Throwable failure) {
    return TRANSLATOR.kind(failure);
  }

  private static ErrorKind classify(Throwable bare) {
    if (bare instanceof ConfigException && isUnresolvable(bare)) {
      return ErrorKind.UNAVAILABLE;
    }
    // a client that ran out of time says what stood in its way in the cause
    if (bare instanceof org.apache.kafka.common.errors.TimeoutException
        && bare.getCause() instanceof ApiException reason
        && !(reason instanceof org.apache.kafka.common.errors.TimeoutException)) {
      ErrorKind kind = ofClass(reason);
      return kind == null || kind == ErrorKind.UNKNOWN ? ErrorKind.UNAVAILABLE : kind;
    }
    ErrorKind kind = ofClass(bare);
    if (kind != null) {
      return kind;
    }
    // constructors and callbacks wrap in plain KafkaExceptions
    Throwable cause = bare.getCause();
    return cause == null || !(bare instanceof KafkaException)
        ? ErrorKind.UNKNOWN
        : kindOfCause(cause);
  }

  private static ErrorKind kindOfCause(Throwable cause) {
    Throwable at = cause;
    for (int i = 0; i < DEEPEST_CAUSE && at != null; i++) {
      if (at instanceof java.security.GeneralSecurityException) {
        return ErrorKind.SECURE_CONNECTION;
      }
      if (at instanceof java.nio.file.NoSuchFileException
          || at instanceof java.nio.file.AccessDeniedException) {
        return ErrorKind.INVALID;
      }
      if (at instanceof DriverException || ofClass(at) != null) {
        return kind(at);
      }
      at = at.getCause();
    }
    return ErrorKind.UNKNOWN;
  }

  private static @Nullable ErrorKind ofClass(Throwable failure) {
    for (Map.Entry<Class<?>, ErrorKind> entry : KINDS) {
      if (entry.getKey().isInstance(failure)) {
        return entry.getValue();
      }
    }
    return null;
  }

  /**
   * The client takes names that don't resolve for a mistake in its configuration; it shows in the
   * text only.
   */
  private static boolean isUnresolvable(Throwable failure) {
    return String.valueOf(failure.getMessage()).startsWith("No resolvable bootstrap urls");
  }

  /** See {@link ExceptionTranslator#translate}. */
  static DriverException translate(String doing, Throwable failure) {
    return TRANSLATOR.translate(doing, failure);
  }

  /** See {@link ExceptionTranslator#of(ErrorKind, String, Throwable)}. */
  static DriverException of(ErrorKind kind, String doing, @Nullable Throwable failure) {
    return TRANSLATOR.of(kind, doing, failure);
  }

  /** See {@link ExceptionTranslator#stage}. */
  static <T> CompletionStage<T> stage(String doing, CompletionStage<T> stage) {
    return TRANSLATOR.stage(doing, stage);
  }
}
