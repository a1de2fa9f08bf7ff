package dev.isostream.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.util.JedisClusterCRC16;

/** What is on disk and on the wire, so it must stay as it is. */
class RedisKeysTest {

  private final RedisKeys keys = new RedisKeys("isostream");

  @Test
  void allOfAPartitionLiesInOneSlot() {
    int slot = JedisClusterCRC16.getSlot(keys.stream("orders", 7));
    assertThat(
            List.of(
                keys.meta("orders", 7),
                keys.producer("orders", 7, "p"),
                keys.lease("orders", 7, "billing")))
        .allMatch(key -> JedisClusterCRC16.getSlot(key) == slot);
    assertThat(JedisClusterCRC16.getSlot(keys.members("orders", "billing")))
        .isEqualTo(JedisClusterCRC16.getSlot(keys.stream("orders", 0)));
  }

  @Test
  void namesAreAsDocumented() {
    assertThat(keys.stream("orders", 3)).asString().isEqualTo("isostream:{orders:3}");
    assertThat(keys.topic("orders")).asString().isEqualTo("isostream:topic:orders");
    assertThat(keys.lease("orders", 3, "billing"))
        .asString()
        .isEqualTo("isostream:{orders:3}:group:billing");
  }

  @Test
  void keysGoWhereTheyAlwaysWent() {
    // CRC-32 of "123456789" is cbf43926, as every table of checksums has it
    byte[] key = "123456789".getBytes(StandardCharsets.US_ASCII);
    assertThat(RedisKeys.partition(key, 12)).isEqualTo((int) (0xcbf43926L % 12));
    assertThat(RedisKeys.partition(new byte[0], 12)).isZero();
  }
}
