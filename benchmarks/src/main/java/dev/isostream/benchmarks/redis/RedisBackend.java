package dev.isostream.benchmarks.redis;

import dev.isostream.benchmarks.rounds.Backend;
import dev.isostream.benchmarks.rounds.Clients;
import dev.isostream.benchmarks.rounds.Contestant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Redis. */
public final class RedisBackend implements Backend {

  /** Found by its name. */
  public RedisBackend() {}

  @Override
  public String name() {
    return "redis";
  }

  @Override
  public Map<String, String> brokerSettings() {
    return Map.of();
  }

  @Override
  public Map<String, String> properties(Clients clients) {
    return Map.of();
  }

  @Override
  public Contestant raw(Clients clients) {
    return new RawRedis(clients);
  }

  @Override
  public List<Contestant> others(Clients clients) {
    return List.of(new SingleRedis(clients));
  }

  @Override
  public Map<String, String> about(Clients clients) {
    Map<String, String> about = new LinkedHashMap<>();
    about.put("Server", "appendonly yes, appendfsync everysec");
    about.put(
        "Producers",
        "raw: `XADD` in pipelines of "
            + RawRedis.PIPELINE
            + ", one connection; for the latency one"
            + " `XADD` at a time. One at a time: a tenth of the messages, each sent when the one before is"
            + " confirmed");
    about.put(
        "Consumers",
        "raw: one thread, `XREADGROUP COUNT "
            + RawRedis.COUNT
            + "` over all streams, then `XACK` of all of it in one pipeline; Isostream: a handler,"
            + " order by key, each message acked by itself, until the acks are durable");
    return about;
  }
}
