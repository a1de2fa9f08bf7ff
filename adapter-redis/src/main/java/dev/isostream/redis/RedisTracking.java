package dev.isostream.redis;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.PushConsumerContext;
import redis.clients.jedis.PushMessageTypes;

/**
 * A connection on which the server keeps track of the streams that were read, and says by itself
 * when one of them has changed: once, until it is read again. For one thread at a time.
 */
final class RedisTracking extends Connection {

  // no initial values: the first message may come before they would be set
  private boolean changed;
  private boolean waiting;

  /** Connects. Blocks. */
  RedisTracking(HostAndPort server, JedisClientConfig config) {
    super(server, config);
    sendCommand(Protocol.Command.CLIENT, RedisKeys.bytes("TRACKING"), RedisKeys.bytes("ON"));
    RedisReply.checked(getMany(1).get(0));
  }

  @Override
  protected void initPushConsumers(JedisClientConfig config) {
    super.initPushConsumers(config);
    addPushConsumer(this::pushed);
  }

  private PushConsumerContext pushed(PushConsumerContext message) {
    if (Arrays.equals(message.getMessage().getType(), PushMessageTypes.INVALIDATE_BYTES)) {
      changed = true;
      if (waiting) {
        message.propagate();
      }
    }
    return message;
  }

  /** From here on changes count. */
  void forgetChanges() {
    changed = false;
  }

  /** Whether any stream has changed, as far as was read. */
  boolean hasChanged() {
    return changed;
  }

  /**
   * Reads the reply to a request that waits at a stream, unless another one changes before. Blocks.
   *
   * @return the reply; empty where it has still to be read
   */
  Answer replyUnlessOtherChanges(byte[] stream) {
    waiting = true;
    try {
      while (true) {
        Object got = getMany(1).get(0);
        if (!isChange(got)) {
          return new Answer(true, got);
        }
        if (!isOnly(stream, got)) {
          return new Answer(false, null);
        }
      }
    } finally {
      waiting = false;
    }
  }

  /**
   * What came.
   *
   * @param isReply whether it was the reply
   */
  record Answer(boolean isReply, @Nullable Object reply) {}

  private static boolean isChange(@Nullable Object got) {
    return got instanceof List<?> list
        && !list.isEmpty()
        && list.get(0) instanceof byte[] type
        && Arrays.equals(type, PushMessageTypes.INVALIDATE_BYTES);
  }

  private static boolean isOnly(byte[] stream, @Nullable Object change) {
    // no keys at all stand for all of them
    return RedisReply.list(change).get(1) instanceof List<?> keys
        && keys.stream().allMatch(key -> key instanceof byte[] name && Arrays.equals(name, stream));
  }
}
