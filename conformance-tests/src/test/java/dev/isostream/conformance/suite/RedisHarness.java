package dev.isostream.conformance.suite;

import dev.isostream.Position;
import dev.isostream.conformance.Foreign;
import dev.isostream.conformance.brokers.Brokers;
import java.util.Map;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol;

/** A real Redis. */
final class RedisHarness extends ServerHarness {

  /** Dead members are missed soon. */
  private static final Map<String, String> SETTINGS =
      Map.of("redis.failover.time", "3s", "request-timeout", "10s");

  RedisHarness(Brokers brokers) {
    super(brokers, "redis", SETTINGS);
  }

  @Override
  Map<String, String> login(String user, String password) {
    return Map.of("redis.user", user, "redis.password", password);
  }

  @Override
  Map<String, String> overTls() {
    return Map.of("redis.tls", "true");
  }

  @Override
  public Foreign foreign() {
    return new RedisForeign(broker().address());
  }

  @Override
  public void trim(Position earliest) {
    String stream = "isostream:{" + earliest.topic() + ":" + earliest.partition() + "}";
    String id = earliest.word(0) + "-" + earliest.word(1);
    try (Connection connection = new Connection(HostAndPort.from(broker().address()))) {
      connection.sendCommand(Protocol.Command.XTRIM, stream, "MINID", id);
      connection.getOne();
    }
  }
}
