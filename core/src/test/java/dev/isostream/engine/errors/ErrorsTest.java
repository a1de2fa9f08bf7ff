package dev.isostream.engine.errors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.AlreadyExistsException;
import dev.isostream.AuthenticationException;
import dev.isostream.AuthorizationException;
import dev.isostream.BackendException;
import dev.isostream.BrokerUnavailableException;
import dev.isostream.ClosedException;
import dev.isostream.GroupActiveException;
import dev.isostream.GroupNotFoundException;
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
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Classified failures become public exceptions (contract E1). */
class ErrorsTest {

  private static final Map<ErrorKind, Class<? extends MessagingException>> CLASSES =
      new EnumMap<>(
          Map.ofEntries(
              Map.entry(ErrorKind.UNAVAILABLE, BrokerUnavailableException.class),
              Map.entry(ErrorKind.TOPIC_NOT_FOUND, TopicNotFoundException.class),
              Map.entry(ErrorKind.GROUP_NOT_FOUND, GroupNotFoundException.class),
              Map.entry(ErrorKind.GROUP_ACTIVE, GroupActiveException.class),
              Map.entry(ErrorKind.ALREADY_EXISTS, AlreadyExistsException.class),
              Map.entry(ErrorKind.AUTHENTICATION, AuthenticationException.class),
              Map.entry(ErrorKind.AUTHORIZATION, AuthorizationException.class),
              Map.entry(ErrorKind.SECURE_CONNECTION, SecureConnectionException.class),
              Map.entry(ErrorKind.TOO_LARGE, LimitExceededException.class),
              Map.entry(ErrorKind.INVALID, InvalidRequestException.class),
              Map.entry(ErrorKind.FENCED, StaleDeliveryException.class),
              Map.entry(ErrorKind.REMOVED, PositionRemovedException.class),
              Map.entry(ErrorKind.CLOSED, ClosedException.class),
              Map.entry(ErrorKind.UNKNOWN, BackendException.class)));

  private final IOException nativeOne = new IOException("connection reset");

  @ParameterizedTest
  @EnumSource
  void eachKindHasItsClassWithTheNativeExceptionAsCause(ErrorKind kind) {
    DriverException failure = new DriverException(kind, "it is like this.", nativeOne);
    MessagingException known =
        Errors.translate("doing that", new CompletionException(new ExecutionException(failure)));
    assertThat(known).isExactlyInstanceOf(CLASSES.get(kind)).hasCause(nativeOne);
    assertThat(known)
        .hasMessageStartingWith("Failed while doing that: it is like this. ")
        .hasMessageEndingWith(".");
    assertThat(Errors.kindOf(new CompletionException(failure))).isEqualTo(kind);
  }

  @ParameterizedTest
  @EnumSource
  void aFailedSendTellsWhetherItMayBeStored(ErrorKind kind) {
    DriverException failure = new DriverException(kind, "it is like this", nativeOne);
    SendFailedException maybe = Errors.sendFailed("t", kind, true, failure);
    SendFailedException never = Errors.sendFailed("t", kind, false, failure);
    assertThat(maybe.isMaybeStored()).isTrue();
    assertThat(maybe).hasMessageContaining("may have been stored").hasRootCause(nativeOne);
    assertThat(never.isMaybeStored()).isFalse();
    assertThat(never).hasMessageContaining("was not stored");
    assertThat(never.isRetriable()).isEqualTo(kind.isRetriable());
  }

  @Test
  void aSendThatIsRefusedForAReasonOfItsOwnShowsIt() {
    DriverException failure = new DriverException(ErrorKind.AUTHORIZATION, "no", nativeOne);
    SendFailedException failed = Errors.sendFailed("t", failure.kind(), false, failure);
    assertThat(failed).hasCauseInstanceOf(AuthorizationException.class);
    DriverException away = new DriverException(ErrorKind.UNAVAILABLE, "no", nativeOne);
    assertThat(Errors.sendFailed("t", away.kind(), false, away)).hasCause(nativeOne);
  }

  @Test
  void whatIsKnownStaysAndWhatIsNotIsTheBackends() {
    MessagingException known = new ClosedException("closed");
    assertThat(Errors.translate("x", new CompletionException(known))).isSameAs(known);
    IllegalStateException odd = new IllegalStateException("odd");
    assertThat(Errors.translate("x", odd)).isInstanceOf(BackendException.class).hasCause(odd);
    assertThat(Errors.translate("x", new TimeoutException("too late")))
        .isInstanceOf(BrokerUnavailableException.class)
        .hasMessageContaining("too late");
  }

  @Test
  void longReasonsAreCut() {
    DriverException failure = new DriverException(ErrorKind.UNKNOWN, "x".repeat(10_000), null);
    assertThat(Errors.translate("x", failure).getMessage()).hasSizeLessThan(700);
  }
}
