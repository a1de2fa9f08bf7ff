package dev.isostream.pulsar;

import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.PulsarClientException;
import org.apache.pulsar.client.impl.PulsarClientImpl;
import org.apache.pulsar.common.api.proto.CommandGetTopicsOfNamespace.Mode;
import org.apache.pulsar.common.lookup.GetTopicsResult;
import org.apache.pulsar.common.naming.NamespaceName;
import org.jspecify.annotations.Nullable;

/**
 * The native clients, opened when they are first needed, and the names of topics. Thread-safe.
 *
 * <p>Blocks: {@link #await}, for the request timeout at most.
 */
final class PulsarClients implements AutoCloseable {

  private static final String DOMAIN = "persistent://";

  /** Before the name of a topic of our own; no topic of applications has a colon in its name. */
  static final String OWN_PREFIX = "isostream:";

  private static final String GROUP_PREFIX = OWN_PREFIX + "group:";

  private final PulsarConfig config;
  private final Executor blocking;

  private final Map<String, PulsarTopic> topics = new ConcurrentHashMap<>();

  // Guarded by this.
  private @Nullable PulsarClient client;
  private org.apache.pulsar.client.admin.@Nullable PulsarAdmin admin;
  private boolean closed;

  PulsarClients(PulsarConfig config, Executor blocking) {
    this.config = config;
    this.blocking = blocking;
  }

  PulsarConfig config() {
    return config;
  }

  synchronized PulsarClient client() {
    PulsarClient known = client;
    if (known != null) {
      return known;
    }
    String doing = "Connecting to " + config.address();
    requireOpen(doing);
    try {
      PulsarClient opened = config.openClient();
      client = opened;
      return opened;
    } catch (PulsarClientException | RuntimeException e) {
      throw PulsarErrors.translate(doing, e);
    }
  }

  synchronized org.apache.pulsar.client.admin.PulsarAdmin admin() {
    org.apache.pulsar.client.admin.PulsarAdmin known = admin;
    if (known != null) {
      return known;
    }
    String doing = "Connecting to " + config.adminUrl();
    requireOpen(doing);
    try {
      org.apache.pulsar.client.admin.PulsarAdmin opened = config.openAdmin();
      admin = opened;
      return opened;
    } catch (PulsarClientException | RuntimeException e) {
      throw PulsarErrors.translate(doing, e);
    }
  }

  private void requireOpen(String doing) {
    if (closed) {
      throw PulsarErrors.of(ErrorKind.CLOSED, doing, null);
    }
  }

  // ---- names

  /** With domain, tenant and namespace. */
  String nativeName(String topic) {
    return DOMAIN + config.namespace() + "/" + topic;
  }

  String groupTopic(String topic, String group) {
    return nativeName(GROUP_PREFIX + topic + ":" + group);
  }

  /** The group that a topic of the namespace is kept in; null where it is none of this topic's. */
  @Nullable String groupOf(String topic, String nativeName) {
    String before = groupTopic(topic, "");
    return nativeName.startsWith(before) ? nativeName.substring(before.length()) : null;
  }

  // ---- asking

  /** Fails where there is no such topic. */
  CompletableFuture<PulsarTopic> find(String topic) {
    String doing = "Looking for topic \"" + topic + "\"";
    return start(doing, () -> client().getPartitionsForTopic(nativeName(topic), false))
        .thenApply(
            names -> {
              PulsarTopic found = new PulsarTopic(topic, names);
              topics.put(topic, found);
              return found;
            });
  }

  /** Whether there is a topic of this native name. */
  CompletableFuture<Boolean> exists(String doing, String nativeName) {
    return start(doing, () -> client().getPartitionsForTopic(nativeName, false))
        .handle(
            (names, failure) -> {
              if (failure == null) {
                return true;
              }
              DriverException known = PulsarErrors.translate(doing, failure);
              if (known.kind() == ErrorKind.TOPIC_NOT_FOUND) {
                return false;
              }
              throw known;
            });
  }

  /**
   * All persistent topics of the namespace, each partition for itself; by the binary protocol, so
   * that it needs neither the HTTP interface nor the right to administer.
   */
  CompletableFuture<List<String>> list(String doing) {
    return start(
        doing,
        () ->
            ((PulsarClientImpl) client())
                .getLookup()
                .getTopicsUnderNamespace(
                    NamespaceName.get(config.namespace()), Mode.PERSISTENT, null, null)
                .thenApply(GetTopicsResult::getNonPartitionedOrPartitionTopics));
  }

  /** The topic as it was found last; at least as it is here. */
  PulsarTopic latest(PulsarTopic known) {
    return topics.getOrDefault(known.name(), known);
  }

  /** Starts something that does not block, and says what failed. */
  <T> CompletableFuture<T> start(String doing, Callable<CompletableFuture<T>> task) {
    CompletableFuture<T> started;
    try {
      started = task.call();
    } catch (Exception e) {
      return CompletableFuture.failedFuture(PulsarErrors.translate(doing, e));
    }
    return started.exceptionally(PulsarErrors.rethrow(doing));
  }

  /** Does what blocks on a thread that may. */
  <T> CompletableFuture<T> async(String doing, Callable<T> task) {
    CompletableFuture<T> done = new CompletableFuture<>();
    try {
      blocking.execute(
          () -> {
            try {
              done.complete(task.call());
            } catch (Exception e) {
              done.completeExceptionally(PulsarErrors.translate(doing, e));
            }
          });
    } catch (RejectedExecutionException e) {
      done.completeExceptionally(PulsarErrors.of(ErrorKind.CLOSED, doing, e));
    }
    return done;
  }

  /** Waits for an answer. Fails: {@link DriverException}. */
  <T> T await(String doing, Future<T> answer) {
    try {
      return answer.get(config.requestTimeout().toMillis() * 2, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw PulsarErrors.translate(doing, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw PulsarErrors.of(ErrorKind.UNAVAILABLE, doing, e);
    }
  }

  @Override
  public void close() {
    PulsarClient lastClient;
    org.apache.pulsar.client.admin.PulsarAdmin lastAdmin;
    synchronized (this) {
      closed = true;
      lastClient = client;
      lastAdmin = admin;
      client = null;
      admin = null;
    }
    if (lastAdmin != null) {
      lastAdmin.close();
    }
    if (lastClient != null) {
      // its threads take two seconds to end, for which nobody has to wait
      var unused = lastClient.closeAsync();
    }
  }
}
