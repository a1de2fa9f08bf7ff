package dev.isostream.rabbitmq;

import com.rabbitmq.stream.OffsetSpecification;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks at single chunks over one connection. Thread-safe; one question after the other.
 *
 * <p>A node serves a connection's requests one by one, and sends what a subscription has at once
 * before it goes on. So when the answer to a later request is there and no chunk is, there is none:
 * this tells an empty stream from a slow one, on every release.
 */
final class RabbitWatch implements AutoCloseable {

  private static final int SUBSCRIPTIONS = 256;

  private final RabbitLink link;
  private final Seen seen;
  private int subscription;

  private static final class Seen implements RabbitLink.Listener {
    private int subscription = -1;
    private @Nullable RabbitChunk chunk;

    @Override
    public synchronized void header(int from, RabbitChunk told) {
      if (from == subscription && chunk == null) {
        chunk = told;
      }
    }

    synchronized void begin(int expected) {
      subscription = expected;
      chunk = null;
    }

    synchronized @Nullable RabbitChunk end() {
      RabbitChunk told = chunk;
      chunk = null;
      return told;
    }
  }

  private RabbitWatch(RabbitLink link, Seen seen) {
    this.link = link;
    this.seen = seen;
  }

  /** Blocks. */
  static RabbitWatch open(RabbitConfig config, RabbitLoops loops, RabbitNode node) {
    Seen seen = new Seen();
    return new RabbitWatch(RabbitLink.open(config, loops, node, "watch", true, seen), seen);
  }

  boolean isOpen() {
    return link.isOpen();
  }

  long firstOffset(String stream) {
    return link.firstOffset(stream);
  }

  /** The chunk to which a specification leads now; null where there is none. Blocks. */
  @Nullable RabbitChunk chunk(String stream, OffsetSpecification at) {
    return chunkSince(stream, at, Long.MIN_VALUE);
  }

  /** The first one from there with this timestamp or a later one. Blocks. */
  synchronized @Nullable RabbitChunk chunkSince(
      String stream, OffsetSpecification from, long timestamp) {
    int current = subscription;
    subscription = (subscription + 1) % SUBSCRIPTIONS;
    seen.begin(current);
    link.subscribe(current, stream, from, 1);
    try {
      while (true) {
        var unused = link.metadata(List.of(stream));
        RabbitChunk chunk = seen.end();
        if (chunk == null || chunk.timestamp() >= timestamp) {
          return chunk;
        }
        link.credit(current, 1);
      }
    } finally {
      seen.begin(-1);
      if (link.isOpen()) {
        link.unsubscribe(current);
      }
    }
  }

  @Override
  public void close() {
    link.close();
  }
}
