package dev.isostream.conformance.brokers;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Asks a Pulsar whether it serves. */
final class PulsarReadiness {
  private static final Duration BETWEEN_ANSWERS = Duration.ofMillis(50);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int OK = 200;
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();

  private PulsarReadiness() {}

  /**
   * Returns when the standard namespace is there and the broker finds itself healthy: the HTTP
   * interface answers before that.
   */
  static void await(String adminUrl, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    await(adminUrl + "/admin/v2/namespaces/public/default", deadline);
  }

  private static void await(String url, long deadline) {
    while (!answers(url)) {
      if (System.nanoTime() - deadline > 0) {
        throw new BrokerUnavailableException("no Pulsar serves at " + url);
      }
      LockSupport.parkNanos(BETWEEN_ANSWERS.toNanos());
    }
  }

  private static boolean answers(String url) {
    try {
      HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(PATIENCE).build();
      return CLIENT.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == OK;
    } catch (IOException silent) {
      return false;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new BrokerUnavailableException("interrupted while waiting for " + url, interrupted);
    }
  }
}
