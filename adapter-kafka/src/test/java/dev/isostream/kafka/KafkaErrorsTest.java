package dev.isostream.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import java.security.cert.CertificateException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.RetriableCommitFailedException;
import org.apache.kafka.clients.producer.BufferExhaustedException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.StaleMemberEpochException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownServerException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class KafkaErrorsTest {

  static Stream<Arguments> failures() {
    return Stream.of(
        // the five of contract E3
        Arguments.of(new UnknownTopicOrPartitionException(), ErrorKind.TOPIC_NOT_FOUND),
        Arguments.of(new SaslAuthenticationException("no"), ErrorKind.AUTHENTICATION),
        Arguments.of(new TopicAuthorizationException("t"), ErrorKind.AUTHORIZATION),
        Arguments.of(new TimeoutException("t"), ErrorKind.UNAVAILABLE),
        Arguments.of(new SslAuthenticationException("no"), ErrorKind.SECURE_CONNECTION),
        Arguments.of(new GroupAuthorizationException("t"), ErrorKind.AUTHORIZATION),
        Arguments.of(new ClusterAuthorizationException("t"), ErrorKind.AUTHORIZATION),
        Arguments.of(new DisconnectException(), ErrorKind.UNAVAILABLE),
        Arguments.of(new NotLeaderOrFollowerException(), ErrorKind.UNAVAILABLE),
        Arguments.of(new BufferExhaustedException("full"), ErrorKind.UNAVAILABLE),
        Arguments.of(new RebalanceInProgressException(), ErrorKind.UNAVAILABLE),
        Arguments.of(new StaleMemberEpochException("old"), ErrorKind.UNAVAILABLE),
        Arguments.of(
            new RetriableCommitFailedException(new UnknownTopicOrPartitionException()),
            ErrorKind.UNAVAILABLE),
        Arguments.of(
            new TimeoutException("not in metadata", new UnknownTopicOrPartitionException()),
            ErrorKind.TOPIC_NOT_FOUND),
        Arguments.of(
            new TimeoutException("late", new DisconnectException()), ErrorKind.UNAVAILABLE),
        Arguments.of(new CommitFailedException(), ErrorKind.FENCED),
        Arguments.of(new FencedInstanceIdException("no"), ErrorKind.FENCED),
        Arguments.of(new GroupNotEmptyException("g"), ErrorKind.GROUP_ACTIVE),
        Arguments.of(new GroupIdNotFoundException("g"), ErrorKind.GROUP_NOT_FOUND),
        Arguments.of(new TopicExistsException("t"), ErrorKind.ALREADY_EXISTS),
        Arguments.of(new RecordTooLargeException(), ErrorKind.TOO_LARGE),
        Arguments.of(new UnknownServerException(), ErrorKind.UNKNOWN),
        Arguments.of(new IllegalStateException(), ErrorKind.UNKNOWN),
        Arguments.of(
            new KafkaException("construct", new ConfigException("bad")), ErrorKind.INVALID),
        Arguments.of(
            new KafkaException(
                "construct",
                new ConfigException("No resolvable bootstrap urls given in bootstrap.servers")),
            ErrorKind.UNAVAILABLE),
        Arguments.of(
            new KafkaException("construct", new KafkaException(new CertificateException("bad"))),
            ErrorKind.SECURE_CONNECTION),
        Arguments.of(
            new CompletionException(new ExecutionException(new TopicExistsException("t"))),
            ErrorKind.ALREADY_EXISTS));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void failuresHaveTheirKind(Throwable failure, ErrorKind kind) {
    assertThat(KafkaErrors.kind(failure)).isEqualTo(kind);
    DriverException translated = KafkaErrors.translate("Trying \"it\"", failure);
    assertThat(translated.kind()).isEqualTo(kind);
    assertThat(translated).hasMessageStartingWith("Trying \"it\" failed: ");
    assertThat(translated.getCause()).isNotInstanceOf(CompletionException.class);
  }

  @Test
  void whatIsTranslatedStaysAsItIs() {
    DriverException known = KafkaErrors.of(ErrorKind.REMOVED, "One", null);
    assertThat(KafkaErrors.translate("Two", new CompletionException(known))).isSameAs(known);
  }
}
