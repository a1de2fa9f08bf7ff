package dev.isostream.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Header;
import dev.isostream.spi.SourceRecord;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Entries of other clients; our own both ways are the conformance suite's. */
class RedisRecordsTest {

  private static final RedisTopic TOPIC =
      new RedisTopic("orders", "id", 1, "", "", new RedisKeys("isostream"));

  private static SourceRecord entry(String... words) {
    List<byte[]> all = new ArrayList<>();
    for (String word : words) {
      all.add(word.getBytes(StandardCharsets.UTF_8));
    }
    return RedisRecords.fromNative(TOPIC, 0, "0", RedisId.parse("17-2"), all);
  }

  @Test
  void fieldsOfOthersAreHeaders() {
    SourceRecord record = entry("temperature", "20", "unit", "");

    assertThat(record.key()).isNull();
    assertThat(record.payload()).isNull();
    assertThat(record.headers())
        .containsExactly(Header.of("temperature", "20"), Header.of("unit", ""));
    assertThat(record.timestamp().toEpochMilli()).isEqualTo(17);
    assertThat(record.position()).hasToString("redis:orders/0@17.2~id");
  }

  @Test
  void theFirstKeyAndPayloadCount() {
    SourceRecord record = entry("p", "one", "k", "key", "p", "two", "h:a", "b", "h:", "c");

    assertThat(record.key()).asString().isEqualTo("key");
    assertThat(record.payload()).asString().isEqualTo("one");
    assertThat(record.headers()).containsExactly(Header.of("p", "two"), Header.of("a", "b"));
  }

  @Test
  void aVoidEntryHasNothingAndAForeignOneOfThatNameHas() {
    assertThat(entry("v", "1").headers()).isEmpty();
    assertThat(entry("v", "5").headers()).containsExactly(Header.of("v", "5"));
  }
}
