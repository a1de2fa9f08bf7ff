package dev.isostream.conformance.brokers;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.FinalizedVersionRange;

/** Asks a Kafka whether it serves. */
final class KafkaReadiness {
  private static final Duration BETWEEN_ANSWERS = Duration.ofMillis(50);

  private KafkaReadiness() {}

  /** Returns when a broker of the cluster at the address is in service. */
  static void await(String address, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    try (Admin admin = admin(address, limit)) {
      // A broker that answers but was not admitted yet lists no node: ask again.
      while (admin.describeCluster().nodes().get(left(deadline), TimeUnit.NANOSECONDS).isEmpty()) {
        LockSupport.parkNanos(BETWEEN_ANSWERS.toNanos());
      }
    } catch (ExecutionException | TimeoutException silent) {
      throw new BrokerUnavailableException(
          "no Kafka serves at " + address + " within " + limit.toSeconds() + " s", silent);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new BrokerUnavailableException(
          "interrupted while waiting for Kafka at " + address, interrupted);
    }
  }

  /** The level of Kafka's features, which is all that a broker tells about its release. */
  static String version(String address, Duration limit) {
    await(address, limit);
    return featureLevel(address, limit);
  }

  private static String featureLevel(String address, Duration limit) {
    try (Admin admin = admin(address, limit)) {
      FinalizedVersionRange level =
          admin
              .describeFeatures()
              .featureMetadata()
              .get(limit.toNanos(), TimeUnit.NANOSECONDS)
              .finalizedFeatures()
              .get("metadata.version");
      return level == null ? "unknown" : "metadata.version " + level.maxVersionLevel();
    } catch (ExecutionException | TimeoutException silent) {
      throw new BrokerUnavailableException(
          "no Kafka answers at " + address + " within " + limit.toSeconds() + " s", silent);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new BrokerUnavailableException(
          "interrupted while asking Kafka at " + address, interrupted);
    }
  }

  private static long left(long deadline) throws TimeoutException {
    long left = deadline - System.nanoTime();
    if (left <= 0) {
      throw new TimeoutException("no broker was admitted to the cluster");
    }
    return left;
  }

  private static Admin admin(String address, Duration limit) {
    return Admin.create(
        Map.of(
            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
            address,
            AdminClientConfig.CLIENT_ID_CONFIG,
            "isostream-brokers",
            AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
            2_000,
            AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
            Math.toIntExact(limit.toMillis()),
            AdminClientConfig.RECONNECT_BACKOFF_MS_CONFIG,
            50L,
            AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
            200L,
            AdminClientConfig.RETRY_BACKOFF_MS_CONFIG,
            50L,
            AdminClientConfig.RETRY_BACKOFF_MAX_MS_CONFIG,
            200L));
  }
}
