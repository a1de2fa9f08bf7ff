package dev.isostream.kinesis;

import dev.isostream.spi.DriverConfig;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** What was set, and what stands where nothing was. Immutable. */
final class KinesisConfig {

  private static final Pattern HOST_AND_PORT =
      Pattern.compile("(\\[[0-9a-fA-F:.]+]|[A-Za-z0-9._-]+):(\\d{1,5})");
  private static final String EMULATORS_REGION = "us-east-1";
  private static final String TABLE = "isostream";
  private static final Duration FAILOVER_TIME = Duration.ofSeconds(15);
  private static final Duration READ_INTERVAL = Duration.ofMillis(250);

  private final DriverConfig config;

  KinesisConfig(DriverConfig config) {
    this.config = config;
    if ((get(KinesisProperties.ACCESS_KEY) == null)
        != (get(KinesisProperties.SECRET_KEY) == null)) {
      throw new DriverException(
          ErrorKind.INVALID,
          "kinesis.access.key.id and kinesis.secret.access.key go together: set both, or none to"
              + " leave the credentials to the AWS SDK's own chain.",
          null);
    }
  }

  static boolean isHostAndPort(String address) {
    return HOST_AND_PORT.matcher(address).matches();
  }

  String address() {
    return config.address();
  }

  String clientId() {
    return config.clientId();
  }

  Duration requestTimeout() {
    return config.requestTimeout();
  }

  String region() {
    String set = get(KinesisProperties.REGION);
    if (set != null) {
      return set;
    }
    return isHostAndPort(address()) ? EMULATORS_REGION : address();
  }

  /** Where Kinesis is called; empty for the region's own. */
  Optional<URI> endpoint() {
    return endpoint(KinesisProperties.ENDPOINT);
  }

  Optional<URI> dynamoDbEndpoint() {
    return endpoint(KinesisProperties.DYNAMODB_ENDPOINT);
  }

  private Optional<URI> endpoint(String name) {
    String set = get(name);
    if (set != null) {
      return Optional.of(URI.create(set));
    }
    String scheme = "true".equals(get(KinesisProperties.TLS)) ? "https://" : "http://";
    return isHostAndPort(address())
        ? Optional.of(URI.create(scheme + address()))
        : Optional.empty();
  }

  String table() {
    return Objects.requireNonNullElse(get(KinesisProperties.TABLE), TABLE);
  }

  Duration failoverTime() {
    return duration(KinesisProperties.FAILOVER_TIME, FAILOVER_TIME);
  }

  Duration readInterval() {
    return duration(KinesisProperties.READ_INTERVAL, READ_INTERVAL);
  }

  boolean fanOut() {
    return "true".equals(get(KinesisProperties.FAN_OUT));
  }

  /** In hours; 0 for the service's own. */
  int topicRetentionHours() {
    return (int) duration(KinesisProperties.TOPIC_RETENTION, Duration.ZERO).toHours();
  }

  /** Null for the JVM's own. */
  TrustManager @Nullable [] trust() {
    String file = get(KinesisProperties.TRUST_STORE);
    if (file == null) {
      return null;
    }
    String password = Objects.requireNonNullElse(get(KinesisProperties.TRUST_STORE_PASSWORD), "");
    try (InputStream bytes = Files.newInputStream(Path.of(file))) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(bytes, password.toCharArray());
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      return trust.getTrustManagers();
    } catch (IOException | GeneralSecurityException e) {
      throw new DriverException(
          ErrorKind.INVALID,
          "TLS can't be set up with kinesis.tls.trust.store="
              + file
              + ": it has to be a PKCS12 file that kinesis.tls.trust.store.password opens.",
          e);
    }
  }

  private Duration duration(String name, Duration standard) {
    String set = get(name);
    return set == null
        ? standard
        : Objects.requireNonNullElse(KinesisProperties.duration(set), standard);
  }

  @Nullable String get(String name) {
    return config.properties().get(name);
  }
}
