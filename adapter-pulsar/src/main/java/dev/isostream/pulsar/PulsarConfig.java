package dev.isostream.pulsar;

import dev.isostream.spi.DriverConfig;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.pulsar.client.admin.PulsarAdminBuilder;
import org.apache.pulsar.client.api.ProducerBuilder;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.PulsarClientException;
import org.apache.pulsar.client.api.SizeUnit;
import org.apache.pulsar.client.impl.ClientBuilderImpl;
import org.apache.pulsar.common.policies.data.RetentionPolicies;
import org.jspecify.annotations.Nullable;

/**
 * What the native clients are opened with: what was set, and what the contract needs. Immutable.
 */
final class PulsarConfig {

  private static final int HTTP_PORT = 8080;
  private static final int HTTPS_PORT = 8443;
  private static final int KEEP_ALIVE_SECONDS = 10;
  private static final long FIRST_BACKOFF_MILLIS = 100;
  private static final long LONGEST_BACKOFF_MILLIS = 1_000;
  private static final int RECEIVER_QUEUE_SIZE = 1_000;
  private static final Duration FAILOVER_TIME = Duration.ofSeconds(15);
  private static final Duration CLOCK_SKEW = Duration.ofSeconds(5);
  private static final long MEGABYTE = 1L << 20;

  private final DriverConfig config;

  PulsarConfig(DriverConfig config) {
    this.config = config;
  }

  String address() {
    return config.address();
  }

  Duration requestTimeout() {
    return config.requestTimeout();
  }

  Duration failoverTime() {
    return duration(PulsarProperties.FAILOVER_TIME, FAILOVER_TIME);
  }

  Duration clockSkew() {
    return duration(PulsarProperties.CLOCK_SKEW, CLOCK_SKEW);
  }

  String tenant() {
    return Objects.requireNonNullElse(get(PulsarProperties.TENANT), "public");
  }

  /** With the tenant before it. */
  String namespace() {
    return tenant() + "/" + Objects.requireNonNullElse(get(PulsarProperties.NAMESPACE), "default");
  }

  /** Whether the adapter sees to it that topics refuse copies. */
  boolean ensuresDeduplication() {
    return !PulsarProperties.TRUST.equals(get(PulsarProperties.DEDUPLICATION));
  }

  int receiverQueueSize() {
    String set = get(PulsarProperties.RECEIVER_QUEUE_SIZE);
    return set == null ? RECEIVER_QUEUE_SIZE : Integer.parseInt(set);
  }

  /** What topics that are created keep beside what a group has not acked. */
  RetentionPolicies retention() {
    String time = get(PulsarProperties.RETENTION_TIME);
    String bytes = get(PulsarProperties.RETENTION_BYTES);
    Duration limit =
        time == null || time.equals(PulsarProperties.FOREVER)
            ? null
            : PulsarProperties.duration(time);
    int minutes = limit == null ? -1 : (int) Math.max(1, limit.toMinutes());
    long megabytes =
        bytes == null || bytes.equals(PulsarProperties.FOREVER)
            ? -1
            : Math.max(1, Long.parseLong(bytes) / MEGABYTE);
    return new RetentionPolicies(minutes, (int) Math.min(Integer.MAX_VALUE, megabytes));
  }

  private boolean tls() {
    return "true".equals(get(PulsarProperties.TLS));
  }

  PulsarClient openClient() throws PulsarClientException {
    int millis = millis(requestTimeout());
    ClientBuilderImpl builder = new ClientBuilderImpl();
    builder
        .serviceUrl((tls() ? "pulsar+ssl://" : "pulsar://") + address())
        .description(config.clientId().substring(0, Math.min(64, config.clientId().length())))
        .connectionTimeout(millis, TimeUnit.MILLISECONDS)
        .keepAliveInterval(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
        .startingBackoffInterval(FIRST_BACKOFF_MILLIS, TimeUnit.MILLISECONDS)
        .maxBackoffInterval(LONGEST_BACKOFF_MILLIS, TimeUnit.MILLISECONDS)
        .loadConf(clientSettings());
    // the client tries again until then, and only then says why; the engine waits no longer
    int lookupMillis = Math.max(1, millis / 2);
    builder
        .operationTimeout(lookupMillis, TimeUnit.MILLISECONDS)
        .lookupTimeout(lookupMillis, TimeUnit.MILLISECONDS)
        // in flight is what the engine lets in
        .memoryLimit(0, SizeUnit.BYTES);
    return tls() ? PulsarTlsClient.open(builder.getClientConfigurationData()) : builder.build();
  }

  private Map<String, Object> clientSettings() {
    Map<String, Object> settings = new HashMap<>();
    settings.put("statsIntervalSeconds", "0"); // nobody reads them in the log
    config
        .properties()
        .forEach(
            (name, value) -> {
              if (PulsarProperties.isClient(name)) {
                settings.put(name, value);
              }
            });
    return settings;
  }

  org.apache.pulsar.client.admin.PulsarAdmin openAdmin() throws PulsarClientException {
    int millis = millis(requestTimeout());
    PulsarAdminBuilder builder =
        org.apache.pulsar.client.admin.PulsarAdmin.builder().loadConf(clientSettings());
    return builder
        .serviceHttpUrl(adminUrl())
        .connectionTimeout(millis, TimeUnit.MILLISECONDS)
        .readTimeout(millis, TimeUnit.MILLISECONDS)
        .requestTimeout(millis, TimeUnit.MILLISECONDS)
        .build();
  }

  String adminUrl() {
    String set = get(PulsarProperties.ADMIN_URL);
    if (set != null) {
      return set;
    }
    String first = address().split(",", -1)[0].strip();
    String host = first.substring(0, first.lastIndexOf(':'));
    return tls() ? "https://" + host + ":" + HTTPS_PORT : "http://" + host + ":" + HTTP_PORT;
  }

  /** Adds what was set for producers. */
  <T> ProducerBuilder<T> producer(ProducerBuilder<T> builder) {
    Map<String, Object> settings = new HashMap<>();
    config
        .properties()
        .forEach(
            (name, value) -> {
              if (name.startsWith(PulsarProperties.PRODUCER_PREFIX)) {
                settings.put(name.substring(PulsarProperties.PRODUCER_PREFIX.length()), value);
              }
            });
    return settings.isEmpty() ? builder : builder.loadConf(settings);
  }

  private Duration duration(String name, Duration standard) {
    String set = get(name);
    return set == null
        ? standard
        : Objects.requireNonNullElse(PulsarProperties.duration(set), standard);
  }

  private @Nullable String get(String name) {
    return config.properties().get(name);
  }

  static int millis(Duration time) {
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, time.toMillis()));
  }
}
