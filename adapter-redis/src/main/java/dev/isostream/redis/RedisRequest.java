package dev.isostream.redis;

import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.commands.ProtocolCommand;

/**
 * One command.
 *
 * @param key decides the server
 * @param script where it calls one
 */
record RedisRequest(
    byte[] key, ProtocolCommand command, byte[][] arguments, @Nullable RedisScript script) {

  /** A command whose first argument is its key. */
  static RedisRequest of(ProtocolCommand command, byte[]... arguments) {
    return new RedisRequest(arguments[0], command, arguments, null);
  }

  /** A call of a script, which is loaded where it has to be. */
  static RedisRequest call(RedisScript script, List<byte[]> keys, byte[]... arguments) {
    byte[][] all = new byte[2 + keys.size() + arguments.length][];
    all[0] = script.sha1();
    all[1] = Protocol.toByteArray(keys.size());
    for (int i = 0; i < keys.size(); i++) {
      all[2 + i] = keys.get(i);
    }
    System.arraycopy(arguments, 0, all, 2 + keys.size(), arguments.length);
    return new RedisRequest(keys.get(0), Protocol.Command.EVALSHA, all, script);
  }
}
