package dev.isostream.pulsar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLHandshakeException;
import org.apache.pulsar.client.admin.PulsarAdminException;
import org.apache.pulsar.client.api.PulsarClientException;
import org.junit.jupiter.api.Test;

class PulsarErrorsTest {

  private static ErrorKind kind(Throwable failure) {
    return PulsarErrors.translate("Trying", failure).kind();
  }

  @Test
  void theFiveCausesAreFiveKinds() {
    assertThat(kind(new PulsarClientException.TopicDoesNotExistException("t")))
        .isEqualTo(ErrorKind.TOPIC_NOT_FOUND);
    assertThat(kind(new PulsarClientException.AuthenticationException("a")))
        .isEqualTo(ErrorKind.AUTHENTICATION);
    assertThat(kind(new PulsarClientException.AuthorizationException("a")))
        .isEqualTo(ErrorKind.AUTHORIZATION);
    assertThat(kind(new PulsarClientException.ConnectException("c")))
        .isEqualTo(ErrorKind.UNAVAILABLE);
    assertThat(kind(new PulsarClientException(new SSLHandshakeException("s"))))
        .isEqualTo(ErrorKind.SECURE_CONNECTION);
  }

  @Test
  void whatWrapsIsTakenOff() {
    Throwable wrapped =
        new CompletionException(
            new ExecutionException(new PulsarClientException.TopicDoesNotExistException("t")));
    DriverException translated = PulsarErrors.translate("Trying", wrapped);
    assertThat(translated.kind()).isEqualTo(ErrorKind.TOPIC_NOT_FOUND);
    assertThat(translated)
        .hasMessageStartingWith("Trying failed: ")
        .hasCauseInstanceOf(PulsarClientException.TopicDoesNotExistException.class);
    assertThat(PulsarErrors.translate("Again", translated)).isSameAs(translated);
  }

  @Test
  void theHttpInterfaceSaysItByItsStatus() {
    Exception http = new Exception("e");
    assertThat(kind(new PulsarAdminException(http, "no", 401))).isEqualTo(ErrorKind.AUTHENTICATION);
    assertThat(kind(new PulsarAdminException.NotAuthorizedException(http, "no", 403)))
        .isEqualTo(ErrorKind.AUTHORIZATION);
  }
}
