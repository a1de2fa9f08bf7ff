package dev.isostream.benchmarks.redis;

import dev.isostream.benchmarks.rounds.Clients;
import dev.isostream.benchmarks.rounds.Contestant;
import dev.isostream.benchmarks.rounds.Load;
import dev.isostream.benchmarks.rounds.Outcomes;
import dev.isostream.benchmarks.rounds.Pipe;
import java.util.LinkedHashMap;
import java.util.Map;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.params.XAddParams;

/** What most people write: one {@code XADD}, its reply, the next one. It only publishes. */
final class SingleRedis implements Contestant {

  /** Of the messages a tenth is enough to know the rest. */
  private static final int SHARE = 10;

  private final HostAndPort server;

  SingleRedis(Clients clients) {
    this.server = HostAndPort.from(clients.address());
  }

  @Override
  public String name() {
    return "one at a time";
  }

  @Override
  public boolean takesPartIn(String workload) {
    return workload.startsWith("publish ");
  }

  @Override
  @SuppressWarnings("ArrayAsKeyOfSetOrMap") // Jedis wants it so, and looks nothing up
  public long publish(String topic, Load load) {
    try (Jedis jedis = new Jedis(server)) {
      Streams streams = Streams.of(jedis, topic);
      int messages = load.messages() / SHARE;
      int stored = 0;
      long begin = System.nanoTime();
      for (int i = 0; i < messages; i++) {
        byte[] key = load.key(i);
        Map<byte[], byte[]> entry = new LinkedHashMap<>();
        entry.put(Streams.KEY, key);
        entry.put(Streams.PAYLOAD, load.payload());
        byte[] id = jedis.xadd(streams.of(key), XAddParams.xAddParams(), entry);
        stored += id.length > 0 ? 1 : 0;
      }
      long took = System.nanoTime() - begin;
      Outcomes.requireAll(messages, stored, null);
      return took * SHARE;
    }
  }

  @Override
  public long consume(String topic, String group, int messages) {
    throw new UnsupportedOperationException("it only publishes");
  }

  @Override
  public long consumeSlowly(String topic, String group, int messages, SlowWork work) {
    throw new UnsupportedOperationException("it only publishes");
  }

  @Override
  public Pipe openPipe(String topic, String group, Pipe.Receiver receiver) {
    throw new UnsupportedOperationException("it only publishes");
  }

  @Override
  public void close() {
    // Each piece of work has a connection of its own.
  }
}
