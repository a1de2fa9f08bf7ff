package dev.isostream.redis;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisDataException;

/** Takes replies apart. */
final class RedisReply {

  private RedisReply() {}

  /** The elements of a reply that is a list, or null for none; throws what it is otherwise. */
  @SuppressWarnings("unchecked")
  static List<@Nullable Object> list(@Nullable Object reply) {
    return reply == null ? List.of() : (List<@Nullable Object>) checked(reply);
  }

  static Object checked(Object reply) {
    if (reply instanceof JedisDataException failure) {
      throw failure;
    }
    return reply;
  }

  static byte[] bytes(@Nullable Object reply) {
    if (reply == null) {
      throw new JedisDataException("nothing where something has to be");
    }
    return (byte[]) checked(reply);
  }

  static String text(@Nullable Object reply) {
    return new String(bytes(reply), StandardCharsets.UTF_8);
  }

  static @Nullable String textOrNull(@Nullable Object reply) {
    return reply == null ? null : text(reply);
  }

  static long number(@Nullable Object reply) {
    if (reply == null) {
      return 0;
    }
    Object known = checked(reply);
    return known instanceof Long number ? number : Long.parseLong(text(known));
  }

  /** An id, or null for an empty text. */
  static @Nullable RedisId idOrNull(@Nullable Object reply) {
    byte[] text = bytes(reply);
    return text.length == 0 ? null : RedisId.parse(text);
  }
}
