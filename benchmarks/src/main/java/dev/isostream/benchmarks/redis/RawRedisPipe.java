package dev.isostream.benchmarks.redis;

import dev.isostream.benchmarks.rounds.Outcomes;
import dev.isostream.benchmarks.rounds.Pipe;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.params.XAddParams;

/** One {@code XADD} for each message, and a plain consumer on a thread of its own. */
final class RawRedisPipe implements Pipe {

  private final Jedis sending;
  private final Streams streams;
  private final Thread thread;
  private final AtomicReference<@Nullable Exception> failed = new AtomicReference<>();
  private volatile boolean closed;

  private RawRedisPipe(
      Jedis sending, Jedis receiving, Streams streams, byte[] group, Receiver receiver) {
    this.sending = sending;
    this.streams = streams;
    this.thread = new Thread(() -> read(receiving, group, receiver), "raw-consumer");
  }

  static RawRedisPipe open(
      Jedis sending, Jedis receiving, String topic, String group, Receiver receiver) {
    Streams streams = Streams.of(sending, topic);
    byte[] name = group.getBytes(StandardCharsets.UTF_8);
    streams.names().forEach(stream -> sending.xgroupCreate(stream, name, new byte[] {'0'}, false));
    RawRedisPipe pipe = new RawRedisPipe(sending, receiving, streams, name, receiver);
    pipe.thread.start();
    return pipe;
  }

  private void read(Jedis receiving, byte[] group, Receiver receiver) {
    try (receiving) {
      while (!closed) {
        RawRedis.take(receiving, streams, group, receiver);
      }
    } catch (JedisException e) {
      failed.set(e);
    }
  }

  @Override
  @SuppressWarnings("ArrayAsKeyOfSetOrMap") // Jedis wants it so, and looks nothing up
  public void send(byte[] key, byte[] payload) {
    Map<byte[], byte[]> entry = new LinkedHashMap<>();
    entry.put(Streams.KEY, key);
    entry.put(Streams.PAYLOAD, payload);
    sending.xadd(streams.of(key), XAddParams.xAddParams(), entry);
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    sending.close();
    Outcomes.requireNone(failed.get());
  }
}
