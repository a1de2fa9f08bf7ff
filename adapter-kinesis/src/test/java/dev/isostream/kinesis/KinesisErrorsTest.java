package dev.isostream.kinesis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.spi.ErrorKind;
import java.net.ConnectException;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.kinesis.model.KinesisException;

class KinesisErrorsTest {

  private static RuntimeException service(String code, int status) {
    return (RuntimeException)
        KinesisException.builder()
            .statusCode(status)
            .awsErrorDetails(AwsErrorDetails.builder().errorCode(code).build())
            .message("told")
            .build();
  }

  @ParameterizedTest
  @CsvSource({
    "ResourceNotFoundException, 400, TOPIC_NOT_FOUND",
    "ResourceInUseException, 400, UNAVAILABLE",
    "ExpiredIteratorException, 400, UNAVAILABLE",
    "ProvisionedThroughputExceededException, 400, UNAVAILABLE",
    "LimitExceededException, 400, UNAVAILABLE",
    "InternalFailure, 500, UNAVAILABLE",
    "SomethingNew, 503, UNAVAILABLE",
    "AccessDeniedException, 400, AUTHORIZATION",
    "UnrecognizedClientException, 400, AUTHENTICATION",
    "InvalidSignatureException, 400, AUTHENTICATION",
    "ExpiredTokenException, 400, AUTHENTICATION",
    "InvalidArgumentException, 400, INVALID",
    "ConditionalCheckFailedException, 400, FENCED"
  })
  void servicesErrorsAreTakenByTheirCode(String code, int status, ErrorKind kind) {
    assertThat(KinesisErrors.kind(service(code, status))).isEqualTo(kind);
    assertThat(
            KinesisErrors.translate("Doing", new CompletionException(service(code, status))).kind())
        .isEqualTo(kind);
    assertThat(KinesisErrors.isUnwritten(service(code, status))).isFalse();
  }

  @Test
  void connectionsThatWereNotThereWroteNothing() {
    RuntimeException refused =
        SdkClientException.create(
            "Unable to execute HTTP request", new ConnectException("refused"));
    assertThat(KinesisErrors.kind(refused)).isEqualTo(ErrorKind.UNAVAILABLE);
    assertThat(KinesisErrors.isUnwritten(refused)).isTrue();
    RuntimeException cut =
        SdkClientException.create(
            "Unable to execute HTTP request", new java.io.IOException("closed"));
    assertThat(KinesisErrors.isUnwritten(cut)).isFalse();
  }

  @Test
  void tlsAndMissingCredentialsHaveKindsOfTheirOwn() {
    assertThat(
            KinesisErrors.kind(
                SdkClientException.create("failed", new SSLHandshakeException("no trust"))))
        .isEqualTo(ErrorKind.SECURE_CONNECTION);
    assertThat(
            KinesisErrors.kind(
                SdkClientException.create(
                    "Unable to load credentials from any of the providers in the chain")))
        .isEqualTo(ErrorKind.AUTHENTICATION);
  }
}
