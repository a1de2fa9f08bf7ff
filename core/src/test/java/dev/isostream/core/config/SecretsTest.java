package dev.isostream.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {

  private static final String SECRET = "hunter2-marked";

  @TempDir private Path directory = Path.of("");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kafka.ssl.keystore.password",
        "kafka.sasl.jaas.config",
        "kafka.ssl.keystore.key",
        "kinesis.secretAccessKey",
        "pulsar.auth-token",
        "redis.credentials",
        "x.ssl.key.passphrase",
        "x.api-key",
        "x.privatePem"
      })
  void secretsAreKnownByTheirNames(String name) {
    assertThat(Secrets.isSecretName(name)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"kafka.ssl.keystore.location", "client-id", "kafka.client.rack", "x.keyspace"})
  void otherNamesAreNone(String name) {
    assertThat(Secrets.isSecretName(name)).isFalse();
  }

  @Test
  void noReportShowsASecretWhereverItStands() {
    TestSources sources =
        new TestSources(directory)
            .file(
                "isostream.yaml",
                "kafka.ssl.keystore.password: "
                    + SECRET
                    + "\nkafka.pin: "
                    + SECRET
                    + "-pin\nclient-id: 'id "
                    + SECRET
                    + "'\n")
            .env("ISOSTREAM_KAFKA_ACKS", SECRET)
            .system("isostream.kafka.ssl.keystore.pasword", SECRET + "-other")
            .code("kafka.sasl.jaas.config", "x required password=\"" + SECRET + "\";")
            .address("kafka://user:" + SECRET + "@host:1");
    String report = sources.problems();
    assertThat(report).doesNotContain("hunter2").contains("***");
    assertThat(report)
        .contains("kafka.ssl.keystore.pasword (system property")
        .contains("did you mean kafka.ssl.keystore.password?")
        .contains("an address holds no credentials");
  }

  @Test
  void noToStringShowsASecret() {
    Configuration read =
        new TestSources(directory)
            .address("kafka://a:1")
            .code("kafka.ssl.keystore.password", SECRET)
            .load();
    assertThat(read.driver().properties()).containsValue(SECRET);
    assertThat(read.toString() + read.driver() + read.secrets() + read.producer() + read.consumer())
        .doesNotContain(SECRET);
    assertThat(new Setting("n", SECRET, Setting.Level.CODE, "code").toString())
        .doesNotContain(SECRET);
    assertThat(read.secrets().scrub("refused: " + SECRET)).isEqualTo("refused: ***");
  }

  @Test
  void failuresWithASecretInTheirTextLoseIt() {
    Secrets secrets = new Secrets();
    secrets.add("login required username=\"u\" password='" + SECRET + "' other=1;");
    Throwable dirty = new IllegalStateException("x", new IllegalArgumentException("bad " + SECRET));
    assertThat(secrets.scrub(dirty)).isNotSameAs(dirty).hasNoCause();
    assertThat(secrets.scrub(dirty).getStackTrace()).isEqualTo(dirty.getStackTrace());
    Throwable clean = new IllegalStateException("clean");
    assertThat(secrets.scrub(clean)).isSameAs(clean);
  }

  @Test
  void addressesAreShownWithoutCredentialsAndQueries() {
    assertThat(Secrets.maskAddress("redis://u:p/w@x@host:1/0?password=p"))
        .isEqualTo("redis://***@host:1/0?***");
    assertThat(Secrets.maskAddress("kafka://a:1,b:2")).isEqualTo("kafka://a:1,b:2");
    assertThat(Secrets.maskAddress("u:p@host")).isEqualTo("***@host");
  }
}
