package dev.isostream.kafka;

import dev.isostream.Limits;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.jspecify.annotations.Nullable;

/**
 * The backend's numbers, as far as the broker tells them; else its defaults. Asked for once, at the
 * first need. Thread-safe.
 */
final class KafkaLimits {

  /** For the record's frame, those of its headers, and the headers that the engine adds. */
  private static final int ROOM_BYTES = 8192;

  private static final int OPEN_WINDOW = 8192;
  private static final Duration GROUP_RETENTION = Duration.ofDays(7);
  private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(45);

  /** From noticing a death to the others having its share: heartbeats, and one round or two. */
  private static final Duration REBALANCE_TIME = Duration.ofSeconds(10);

  private static final Duration RECONNECT_TIME = Duration.ofSeconds(10);

  private final KafkaConfig config;
  private final Admin client;
  private volatile @Nullable Limits known;

  KafkaLimits(KafkaConfig config, Admin client) {
    this.config = config;
    this.client = client;
  }

  /** Blocks once, for the request timeout at most. */
  Limits get() {
    Limits limits = known;
    if (limits == null) {
      limits = ask();
      known = limits;
    }
    return limits;
  }

  private Limits ask() {
    @Nullable Config broker = broker();
    long message =
        number(broker, "message.max.bytes").orElse(KafkaConfig.DEFAULT_MAX_REQUEST_BYTES);
    int request = config.maxRequestBytes();
    int most = (int) Math.min(message, request > 0 ? request : Integer.MAX_VALUE) - ROOM_BYTES;
    return Limits.builder()
        .maxMessageBytes(Math.max(1, most))
        .maxKeyBytes(Math.max(1, most))
        .openWindow(OPEN_WINDOW)
        .duplicateWindow(0)
        .groupRetention(groupRetention(broker))
        .failoverTime(sessionTimeout(broker).plus(REBALANCE_TIME))
        .reconnectTime(RECONNECT_TIME)
        .ackLossOnBrokerCrash(Duration.ZERO)
        .timestampSource(Limits.TimestampSource.SENDER)
        .build();
  }

  private static Duration groupRetention(@Nullable Config broker) {
    OptionalLong minutes = number(broker, "offsets.retention.minutes");
    return minutes.isPresent() ? Duration.ofMinutes(minutes.getAsLong()) : GROUP_RETENTION;
  }

  private Duration sessionTimeout(@Nullable Config broker) {
    if (!config.newProtocol()) {
      return config.sessionTimeout();
    }
    OptionalLong millis = number(broker, "group.consumer.session.timeout.ms");
    return millis.isPresent() ? Duration.ofMillis(millis.getAsLong()) : SESSION_TIMEOUT;
  }

  /** What a topic takes in one message, frame included. Blocks for the request timeout at most. */
  int maxMessageBytes(String topic) {
    Config found = describe(new ConfigResource(ConfigResource.Type.TOPIC, topic));
    return (int)
        number(found, TopicConfig.MAX_MESSAGE_BYTES_CONFIG)
            .orElse(KafkaConfig.DEFAULT_MAX_REQUEST_BYTES);
  }

  private @Nullable Config broker() {
    Collection<Node> nodes = await(client.describeCluster().nodes());
    return nodes == null || nodes.isEmpty()
        ? null
        : describe(
            new ConfigResource(ConfigResource.Type.BROKER, nodes.iterator().next().idString()));
  }

  private @Nullable Config describe(ConfigResource resource) {
    Map<ConfigResource, Config> found = await(client.describeConfigs(List.of(resource)).all());
    return found == null ? null : found.get(resource);
  }

  /** Null where the broker does not tell, or forbids to ask. */
  private <T> @Nullable T await(org.apache.kafka.common.KafkaFuture<T> answer) {
    try {
      return answer.get(config.requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      System.getLogger(KafkaLimits.class.getName())
          .log(System.Logger.Level.DEBUG, "The broker does not tell its configuration", e);
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  private static OptionalLong number(@Nullable Config found, String name) {
    ConfigEntry entry = found == null ? null : found.get(name);
    if (entry == null || entry.value() == null) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(entry.value()));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }
}
