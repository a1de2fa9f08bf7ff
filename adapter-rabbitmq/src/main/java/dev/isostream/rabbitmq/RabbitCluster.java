package dev.isostream.rabbitmq;

import com.rabbitmq.stream.Constants;
import com.rabbitmq.stream.OffsetSpecification;
import com.rabbitmq.stream.impl.Client;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Finds nodes, topics and the ends of streams, over connections of its own, which are opened when
 * they are needed. Thread-safe.
 *
 * <p>Blocks: for the broker's answers, each for the request timeout at most; {@link #async} does
 * not.
 */
final class RabbitCluster implements AutoCloseable {

  /** Each some round trips. */
  private static final int LOOKS = 1000;

  private final RabbitConfig config;
  private final Executor blocking;
  private final RabbitLoops loops = new RabbitLoops();
  private final Map<RabbitNode, RabbitWatch> watches = new HashMap<>();
  private final Map<String, RabbitTopic> topics = new ConcurrentHashMap<>();
  private @Nullable RabbitLink locator;
  private boolean closed;

  RabbitCluster(RabbitConfig config, Executor blocking) {
    this.config = config;
    this.blocking = blocking;
  }

  RabbitConfig config() {
    return config;
  }

  Executor blocking() {
    return blocking;
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
              done.completeExceptionally(RabbitErrors.translate(doing, e));
            }
          });
    } catch (RejectedExecutionException e) {
      done.completeExceptionally(RabbitErrors.of(ErrorKind.CLOSED, doing, e));
    }
    return done;
  }

  // ---- nodes

  /** A connection to ask for topics and nodes. */
  synchronized RabbitLink locator() {
    RabbitLink known = locator;
    if (known != null && known.isOpen()) {
      return known;
    }
    if (closed) {
      throw RabbitErrors.of(ErrorKind.CLOSED, "Connecting to " + config.address(), null);
    }
    RabbitLink opened = openAny("locator", new RabbitLink.Listener() {});
    locator = opened;
    return opened;
  }

  private RabbitLink openAny(String purpose, RabbitLink.Listener listener) {
    DriverException failure = null;
    for (RabbitNode node : config.nodes()) {
      try {
        return open(node, purpose, listener);
      } catch (DriverException e) {
        if (!e.kind().isRetriable()) {
          throw e;
        }
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure == null) {
      throw RabbitErrors.of(ErrorKind.INVALID, "Connecting without an address", null);
    }
    throw withReason(failure);
  }

  /** The commonest reason is a plug-in that is off: then AMQP answers all the same. */
  private DriverException withReason(DriverException failure) {
    return answersAmqp()
        ? new DriverException(
            failure.kind(),
            "No stream listener answers at "
                + config.address()
                + ", but AMQP does at "
                + config.amqpNode()
                + ": the stream plug-in is off, or listens elsewhere. Enable it on every node with"
                + " \"rabbitmq-plugins enable rabbitmq_stream\", and give its port (5552 by"
                + " default).",
            failure)
        : failure;
  }

  private boolean answersAmqp() {
    try {
      config.amqp().newConnection().abort();
      return true;
    } catch (IOException | TimeoutException | RuntimeException e) {
      return false; // nothing answers at all
    }
  }

  /** A connection to one node. */
  RabbitLink open(RabbitNode node, String purpose, RabbitLink.Listener listener) {
    return RabbitLink.open(config, loops, node, purpose, false, listener);
  }

  /** Where the leaders of streams are; fails where one has none. */
  Map<String, RabbitNode> leaders(List<String> streams) {
    Map<String, Client.StreamMetadata> found = new HashMap<>(locator().metadata(streams));
    // a node that has just started doesn't know of its streams yet, and says there are none
    for (int i = 0; i < LOOKS && !streams.stream().allMatch(name -> hasLeader(found, name)); i++) {
      found.putAll(locator().metadata(streams));
    }
    Map<String, RabbitNode> leaders = new HashMap<>();
    for (String stream : streams) {
      Client.StreamMetadata metadata = found.get(stream);
      if (metadata == null || !hasLeader(found, stream)) {
        throw RabbitErrors.refused(
            "Looking for the leader of stream \"" + stream + "\"",
            metadata == null || metadata.isResponseOk()
                ? Constants.RESPONSE_CODE_STREAM_NOT_AVAILABLE
                : metadata.getResponseCode());
      }
      leaders.put(
          stream,
          config.onlyGivenNodes()
              ? locator().node()
              : new RabbitNode(metadata.getLeader().getHost(), metadata.getLeader().getPort()));
    }
    return leaders;
  }

  private static boolean hasLeader(Map<String, Client.StreamMetadata> found, String stream) {
    Client.StreamMetadata metadata = found.get(stream);
    return metadata != null && metadata.isResponseOk() && metadata.getLeader() != null;
  }

  RabbitNode leader(String stream) {
    RabbitNode leader = leaders(List.of(stream)).get(stream);
    if (leader == null) {
      throw new AssertionError(stream);
    }
    return leader;
  }

  boolean exists(String stream) {
    return isThere(locator().metadata(List.of(stream)).get(stream));
  }

  // ---- topics

  /** A topic; empty where there is none of that name. */
  Optional<RabbitTopic> lookFor(String topic) {
    List<String> streams = streams(topic);
    if (streams.isEmpty()) {
      topics.remove(topic);
      return Optional.empty();
    }
    RabbitTopic found = new RabbitTopic(topic, streams);
    topics.put(topic, found);
    return Optional.of(found);
  }

  /**
   * The streams of a topic, none where there is no such topic.
   *
   * <p>A node that has just started leaves out what it has not recovered yet, and a topic with
   * fewer partitions would put keys elsewhere. By name such a stream is not available, which is not
   * the same as absent.
   */
  private List<String> streams(String topic) {
    List<String> listed = locator().partitions(topic);
    for (int i = 0; i < LOOKS; i++) {
      Map<String, Client.StreamMetadata> seen =
          new HashMap<>(locator().metadata(namesBy(topic, listed.size())));
      boolean alone = listed.isEmpty() && isThere(seen.get(topic));
      seen.keySet().removeAll(listed);
      seen.remove(topic);
      boolean recovering = seen.values().stream().anyMatch(RabbitCluster::isRecovering);
      if (alone || seen.values().stream().noneMatch(RabbitCluster::isThere)) {
        return alone ? List.of(topic) : listed;
      }
      List<String> again = locator().partitions(topic);
      if (!recovering && again.equals(listed)) {
        return listed; // another's stream, of such a name by chance
      }
      listed = again;
    }
    throw RabbitErrors.refused(
        "Looking for the partitions of topic \"" + topic + "\"",
        Constants.RESPONSE_CODE_STREAM_NOT_AVAILABLE);
  }

  /** The topic's own name, and those that so many partitions and one more have. */
  private static List<String> namesBy(String topic, int partitions) {
    List<String> names = new ArrayList<>();
    names.add(topic);
    for (int number = 0; number <= partitions; number++) {
      names.add(RabbitTopology.stream(topic, number));
    }
    return names;
  }

  private static boolean isThere(Client.@Nullable StreamMetadata metadata) {
    return metadata != null
        && metadata.getResponseCode() != Constants.RESPONSE_CODE_STREAM_DOES_NOT_EXIST;
  }

  private static boolean isRecovering(Client.StreamMetadata metadata) {
    return metadata.getResponseCode() == Constants.RESPONSE_CODE_STREAM_NOT_AVAILABLE;
  }

  /** A topic as it was seen last: it may have more partitions than before. */
  RabbitTopic latest(RabbitTopic known) {
    RabbitTopic seen = topics.get(known.name());
    return seen != null && seen.partitions() > known.partitions() ? seen : known;
  }

  /** A topic that exists. */
  RabbitTopic find(String topic) {
    return lookFor(topic).orElseThrow(() -> absent(topic));
  }

  /** An exchange without streams has lost them just now, or not got them back yet. */
  private DriverException absent(String topic) {
    String doing = "Looking for topic \"" + topic + "\"";
    return new RabbitTopology(config).exists(topic)
        ? new DriverException(
            ErrorKind.UNAVAILABLE,
            doing
                + " failed: there is an exchange of that name, but none of the streams that may be"
                + " bound to it is there now.",
            null)
        : RabbitErrors.of(ErrorKind.TOPIC_NOT_FOUND, doing, null);
  }

  // ---- ends

  private synchronized RabbitWatch watch(RabbitNode node) {
    RabbitWatch known = watches.get(node);
    if (known == null || !known.isOpen()) {
      known = RabbitWatch.open(config, loops, node);
      watches.put(node, known);
    }
    return known;
  }

  /** The chunk to which a specification leads now; null where there is none. */
  @Nullable RabbitChunk chunk(String stream, OffsetSpecification at) {
    return watch(leader(stream)).chunk(stream, at);
  }

  /** The first chunk, from that place on, with this timestamp or a later one; null if none. */
  @Nullable RabbitChunk chunkSince(String stream, OffsetSpecification from, long timestamp) {
    return watch(leader(stream)).chunkSince(stream, from, timestamp);
  }

  /** The offset of the first message that is left, or that there will be. */
  long begin(String stream) {
    RabbitChunk first = chunk(stream, OffsetSpecification.first());
    return first == null ? kept(stream) : first.first();
  }

  /** From which offset on nothing was removed, though it need not be a message's. */
  long kept(String stream) {
    long told = watch(leader(stream)).firstOffset(stream);
    if (told >= 0) {
      return told;
    }
    RabbitChunk first = chunk(stream, OffsetSpecification.first());
    return first == null ? 0 : first.first();
  }

  /** The offset behind the last message: what was confirmed before lies before it. */
  long end(String stream) {
    RabbitChunk last = chunk(stream, OffsetSpecification.last());
    return last == null ? 0 : last.end();
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (locator != null) {
      locator.close();
    }
    watches.values().forEach(RabbitWatch::close);
    loops.close();
  }
}
