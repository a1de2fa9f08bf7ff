package dev.isostream.conformance.brokers;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/** Asks a Pulsar whether it serves. */
final class PulsarReadiness {
  private static final Duration BETWEEN_ANSWERS = Duration.ofMillis(50);
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int OK = 200;
  private static final int NONE = 204;
  private static final int ABSENT = 404;
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();

  private PulsarReadiness() {}

  /**
   * Returns when the standard namespace is there, which is later than the HTTP interface answers,
   * and policies of topics can be set.
   */
  static void await(String adminUrl, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    await(adminUrl + "/admin/v2/namespaces/public/default", Set.of(OK), deadline);
    // the first question for a topic's policy makes the topic in which they are kept
    await(
        adminUrl + "/admin/v2/persistent/public/default/isostream-none/retention",
        Set.of(OK, NONE, ABSENT),
        deadline);
  }

  private static void await(String url, Set<Integer> wanted, long deadline) {
    while (!wanted.contains(status(url))) {
      if (System.nanoTime() - deadline > 0) {
        throw new BrokerUnavailableException("no Pulsar serves at " + url);
      }
      LockSupport.parkNanos(BETWEEN_ANSWERS.toNanos());
    }
  }

  /** 0 where nothing answers. */
  private static int status(String url) {
    try {
      HttpRequest request = HttpRequest.newBuilder(URI.create(url)).timeout(PATIENCE).build();
      return CLIENT.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (IOException silent) {
      return 0;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new BrokerUnavailableException("interrupted while waiting for " + url, interrupted);
    }
  }
}
