package dev.isostream.rabbitmq;

import com.rabbitmq.stream.Message;
import com.rabbitmq.stream.OffsetSpecification;
import com.rabbitmq.stream.StreamException;
import com.rabbitmq.stream.impl.Client;
import dev.isostream.spi.DriverException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * One connection by the stream protocol: the client without its own recovery, since the engine sees
 * to that. Thread-safe.
 *
 * <p>Blocks: what waits for an answer, for the request timeout at most, so never on the client's
 * own threads; {@link #publish} and {@link #credit} do not.
 */
final class RabbitLink implements AutoCloseable {

  /** What the connection tells, on its own threads, which must not be made to wait. */
  interface Listener {

    /** A message is stored durably. */
    default void confirmed(int publisher, long id) {}

    /** A message was refused. */
    default void refused(int publisher, long id, short code) {}

    /** Messages follow; a credit is used up. */
    default void chunk(RabbitLink link, int subscription, long first, long messages, long bytes) {}

    /** A message. */
    default void message(int subscription, long offset, long timestamp, Message message) {}

    /** A chunk has arrived; see {@link RabbitChunk#watch}. */
    default void header(int subscription, RabbitChunk chunk) {}

    /** The broker has forgotten the publishers and subscriptions of a stream. */
    default void unavailable(String stream, short code) {}

    /** The connection is gone, also where it was closed here. */
    default void lost() {}
  }

  private final RabbitNode node;
  private final RabbitLoops loops;
  private final Client client;
  private final RabbitGoodbye goodbye;
  private final AtomicBoolean closed = new AtomicBoolean();

  private RabbitLink(RabbitNode node, RabbitLoops loops, Client client, RabbitGoodbye goodbye) {
    this.node = node;
    this.loops = loops;
    this.client = client;
    this.goodbye = goodbye;
  }

  /**
   * Connects. Blocks.
   *
   * @param watching whether {@link Listener#header} is to be called
   */
  static RabbitLink open(
      RabbitConfig config,
      RabbitLoops loops,
      RabbitNode node,
      String purpose,
      boolean watching,
      Listener listener) {
    RabbitLink[] self = new RabbitLink[1];
    Client.ClientParameters parameters =
        config
            .client(node, purpose)
            .codec(RabbitCodec.INSTANCE)
            .publishConfirmListener(
                (publisher, id) -> listener.confirmed(Byte.toUnsignedInt(publisher), id))
            .publishErrorListener(
                (publisher, id, code) -> listener.refused(Byte.toUnsignedInt(publisher), id, code))
            .chunkListener(
                (client, subscription, first, messages, bytes) -> {
                  listener.chunk(self[0], Byte.toUnsignedInt(subscription), first, messages, bytes);
                  return null;
                })
            .messageListener(
                (subscription, offset, timestamp, committed, context, message) ->
                    listener.message(Byte.toUnsignedInt(subscription), offset, timestamp, message))
            .metadataListener(listener::unavailable)
            // a credit for a subscription that has just ended
            .creditNotification((subscription, code) -> {})
            .shutdownListener(context -> listener.lost());
    AtomicReference<RabbitGoodbye> goodbye = new AtomicReference<>();
    parameters.channelCustomizer(
        channel -> {
          goodbye.set(RabbitGoodbye.of(channel));
          if (watching) {
            RabbitChunk.watch(channel, listener::header);
          }
        });
    parameters.eventLoopGroup(loops.enter());
    RabbitLink opened;
    try {
      Client client = new Client(parameters);
      opened = new RabbitLink(node, loops, client, Objects.requireNonNull(goodbye.get()));
    } catch (RuntimeException e) {
      loops.leave();
      throw RabbitErrors.translate("Connecting to " + node, e);
    }
    try {
      opened.release().requireSupported(node);
    } catch (DriverException e) {
      opened.close();
      throw e;
    }
    self[0] = opened;
    return opened;
  }

  RabbitNode node() {
    return node;
  }

  boolean isOpen() {
    return !closed.get() && client.isOpen();
  }

  RabbitRelease release() {
    return RabbitRelease.of(client.brokerVersion());
  }

  private static <T> T ask(String doing, Supplier<T> request) {
    try {
      return request.get();
    } catch (StreamException | UnsupportedOperationException e) {
      throw RabbitErrors.translate(doing, e);
    }
  }

  private static void require(String doing, Client.Response response) {
    if (!response.isOk()) {
      throw RabbitErrors.refused(doing, response.getResponseCode());
    }
  }

  // ---- streams; these block

  /** Whether it was made just now; false where there was one. */
  boolean create(String stream, Map<String, String> arguments) {
    String doing = "Creating stream \"" + stream + "\"";
    Client.Response response = ask(doing, () -> client.create(stream, arguments));
    if (response.getResponseCode()
        == com.rabbitmq.stream.Constants.RESPONSE_CODE_STREAM_ALREADY_EXISTS) {
      return false;
    }
    require(doing, response);
    return true;
  }

  /** Whether there was one. */
  boolean delete(String stream) {
    String doing = "Deleting stream \"" + stream + "\"";
    Client.Response response = ask(doing, () -> client.delete(stream));
    if (response.getResponseCode()
        == com.rabbitmq.stream.Constants.RESPONSE_CODE_STREAM_DOES_NOT_EXIST) {
      return false;
    }
    require(doing, response);
    return true;
  }

  Map<String, Client.StreamMetadata> metadata(List<String> streams) {
    return ask(
        "Looking for streams " + streams, () -> client.metadata(streams.toArray(String[]::new)));
  }

  /** Of a super stream, in its order; empty where there is none of that name. */
  List<String> partitions(String superStream) {
    return ask("Looking for topic \"" + superStream + "\"", () -> client.partitions(superStream));
  }

  /** The offset at which the stream's data begins; -1 where the broker is too old to tell. */
  long firstOffset(String stream) {
    try {
      Client.StreamStatsResponse stats = client.streamStats(stream);
      require("Asking stream \"" + stream + "\" for its beginning", stats);
      return stats.getInfo().getOrDefault("first_chunk_id", -1L);
    } catch (UnsupportedOperationException e) {
      return -1;
    } catch (StreamException e) {
      throw RabbitErrors.translate("Asking stream \"" + stream + "\" for its beginning", e);
    }
  }

  // ---- publishing

  /** Blocks. */
  void declarePublisher(int publisher, String name, String stream) {
    String doing = "Publishing to stream \"" + stream + "\"";
    require(doing, ask(doing, () -> client.declarePublisher((byte) publisher, name, stream)));
  }

  /** Writes them, with these ids; an {@link IllegalArgumentException} where one is too large. */
  void publish(int publisher, List<Message> messages, long[] ids) {
    int[] at = new int[1];
    var unused = client.publish((byte) publisher, messages, message -> ids[at[0]++]);
  }

  // ---- reading

  /** Blocks. */
  void subscribe(int subscription, String stream, OffsetSpecification from, int credits) {
    String doing = "Reading stream \"" + stream + "\"";
    require(doing, ask(doing, () -> client.subscribe((byte) subscription, stream, from, credits)));
  }

  void credit(int subscription, int credits) {
    client.credit((byte) subscription, credits);
  }

  /** Blocks. */
  void unsubscribe(int subscription) {
    ask("Ending a subscription", () -> client.unsubscribe((byte) subscription));
  }

  /** Closes it, without waiting for that. Harmless when repeated. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      goodbye.say(loops::leave);
    }
  }
}
