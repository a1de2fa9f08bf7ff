package dev.isostream.benchmarks.redis;

import dev.isostream.benchmarks.report.Measurement;
import dev.isostream.benchmarks.rounds.Clients;
import dev.isostream.benchmarks.rounds.Contestant;
import dev.isostream.benchmarks.rounds.Deadline;
import dev.isostream.benchmarks.rounds.Load;
import dev.isostream.benchmarks.rounds.Outcomes;
import dev.isostream.benchmarks.rounds.Pipe;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.Response;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.params.XAddParams;
import redis.clients.jedis.params.XReadGroupParams;
import redis.clients.jedis.resps.StreamEntryBinary;

/** Plain Jedis, used as its documentation says, by someone who wants to lose nothing. */
final class RawRedis implements Contestant {

  static final int PIPELINE = 500;
  static final int COUNT = 500;
  private static final int BLOCK_MILLIS = 500;
  private static final byte[] CONSUMER = {'c'};

  private final HostAndPort server;

  RawRedis(Clients clients) {
    this.server = HostAndPort.from(clients.address());
  }

  @Override
  public String name() {
    return Measurement.RAW;
  }

  private Jedis connect() {
    return new Jedis(
        server, DefaultJedisClientConfig.builder().protocol(RedisProtocol.RESP2).build());
  }

  @Override
  @SuppressWarnings("ArrayAsKeyOfSetOrMap") // Jedis wants it so, and looks nothing up
  public long publish(String topic, Load load) {
    try (Jedis jedis = connect();
        Pipeline pipeline = jedis.pipelined()) {
      Streams streams = Streams.of(jedis, topic);
      long stored = 0;
      long begin = System.nanoTime();
      for (int i = 0; i < load.messages(); i++) {
        byte[] key = load.key(i);
        Map<byte[], byte[]> entry = new LinkedHashMap<>();
        entry.put(Streams.KEY, key);
        entry.put(Streams.PAYLOAD, load.payload());
        var unused = pipeline.xadd(streams.of(key), XAddParams.xAddParams(), entry);
        if ((i + 1) % PIPELINE == 0) {
          stored += stored(pipeline);
        }
      }
      stored += stored(pipeline);
      long took = System.nanoTime() - begin;
      Outcomes.requireAll(load.messages(), stored, null);
      return took;
    }
  }

  private static long stored(Pipeline pipeline) {
    return pipeline.syncAndReturnAll().stream().filter(byte[].class::isInstance).count();
  }

  @Override
  public long consume(String topic, String group, int messages) {
    long[] bytes = new long[1];
    long took = consume(topic, group, messages, payload -> bytes[0] += payload.length);
    Outcomes.requireSome(bytes[0]);
    return took;
  }

  @Override
  public long consumeSlowly(String topic, String group, int messages, SlowWork work) {
    return consume(topic, group, messages, payload -> work.run());
  }

  private long consume(String topic, String group, int messages, Pipe.Receiver receiver) {
    try (Jedis jedis = connect()) {
      Streams streams = Streams.of(jedis, topic);
      byte[] name = group.getBytes(StandardCharsets.UTF_8);
      streams.names().forEach(stream -> jedis.xgroupCreate(stream, name, new byte[] {'0'}, false));
      Deadline deadline = new Deadline();
      int handled = 0;
      long begin = System.nanoTime();
      while (handled < messages) {
        handled += take(jedis, streams, name, receiver);
        deadline.check(handled, messages);
      }
      return System.nanoTime() - begin;
    }
  }

  /** Reads once, handles, and acks. */
  @SuppressWarnings("ArrayAsKeyOfSetOrMap") // Jedis wants it so, and looks nothing up
  static int take(Jedis jedis, Streams streams, byte[] group, Pipe.Receiver receiver) {
    Map<byte[], StreamEntryID> wanted = new LinkedHashMap<>();
    streams
        .names()
        .forEach(stream -> wanted.put(stream, StreamEntryID.XREADGROUP_UNDELIVERED_ENTRY));
    List<Map.Entry<byte[], List<StreamEntryBinary>>> found =
        jedis.xreadGroupBinary(
            group,
            CONSUMER,
            XReadGroupParams.xReadGroupParams().count(COUNT).block(BLOCK_MILLIS),
            wanted);
    if (found == null) {
      return 0;
    }
    int handled = 0;
    List<Response<Long>> acked = new ArrayList<>();
    try (Pipeline acks = jedis.pipelined()) {
      for (Map.Entry<byte[], List<StreamEntryBinary>> stream : found) {
        byte[][] ids = new byte[stream.getValue().size()][];
        for (int i = 0; i < ids.length; i++) {
          StreamEntryBinary entry = stream.getValue().get(i);
          entry
              .getFields()
              .forEach(
                  (field, value) -> {
                    if (field[0] == Streams.PAYLOAD[0]) {
                      receiver.receive(value);
                    }
                  });
          ids[i] = entry.getID().toString().getBytes(StandardCharsets.US_ASCII);
        }
        acked.add(acks.xack(stream.getKey(), group, ids));
        handled += ids.length;
      }
    }
    // the pipeline's end has waited for the replies
    Outcomes.requireAll(handled, acked.stream().mapToLong(Response::get).sum(), null);
    return handled;
  }

  @Override
  public Pipe openPipe(String topic, String group, Pipe.Receiver receiver) {
    return RawRedisPipe.open(connect(), connect(), topic, group, receiver);
  }

  @Override
  public void close() {
    // Each piece of work has connections of its own.
  }
}
