package dev.isostream.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.isostream.Codec;
import dev.isostream.Codecs;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JsonCodecTest {

  record Order(
      String id,
      int amount,
      Instant placed,
      Duration patience,
      OffsetDateTime shipped,
      Optional<String> note,
      List<Line> lines,
      Map<String, Integer> extras) {}

  record Line(String article, long count) {}

  private static final Order ORDER =
      new Order(
          "o-1 \u00e4\u20ac",
          7,
          Instant.parse("2026-01-02T03:04:05.123456789Z"),
          Duration.ofMillis(1500),
          OffsetDateTime.parse("2026-01-02T03:04:05+02:00"),
          Optional.empty(),
          List.of(new Line("a", 1), new Line("b", Long.MAX_VALUE)),
          Map.of("k", 1));

  @Test
  void isFoundByTheApiAndRoundTrips() {
    Codec<Order> codec = Codecs.json(Order.class);
    assertThat(codec.decode(codec.encode(ORDER))).isEqualTo(ORDER);
  }

  @Test
  void writesTimesAsText() {
    String json = new String(Codecs.json(Order.class).encode(ORDER), UTF_8);
    assertThat(json)
        .contains("\"placed\":\"2026-01-02T03:04:05.123456789Z\"")
        .contains("\"patience\":\"PT1.5S\"")
        .contains("\"shipped\":\"2026-01-02T03:04:05+02:00\"")
        .contains("\"note\":null");
  }

  @Test
  void readsFieldsThatANewerProducerAdded() {
    Codec<Line> codec = Codecs.json(Line.class);
    assertThat(codec.decode("{\"article\":\"a\",\"count\":2,\"new\":{}}".getBytes(UTF_8)))
        .isEqualTo(new Line("a", 2));
  }

  @Test
  void nullIsNoPayload() {
    Codec<Line> codec = Codecs.json(Line.class);
    assertThatThrownBy(() -> codec.decode("null".getBytes(UTF_8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("null");
  }

  @Test
  void failuresSayWhereButQuoteNothing() {
    Codec<Order> codec = Codecs.json(Order.class);
    String json = "{\"id\":\"x\",\"lines\":[{\"article\":\"a\",\"count\":\"hunter2\"}]}";
    Throwable failure = catchThrowable(() -> codec.decode(json.getBytes(UTF_8)));
    assertThat(failure).isInstanceOf(IllegalArgumentException.class);
    assertThat(failure).hasMessageContaining("lines.[0].count").hasMessageContaining("byte");
    assertThat(textOf(failure)).doesNotContain("hunter2");

    Codec<Map<?, ?>> map = cast(Codecs.json(Map.class));
    assertThat(
            textOf(
                catchThrowable(() -> map.decode("{\"hunter2\":{\"hunter2\":x}}".getBytes(UTF_8)))))
        .doesNotContain("hunter2");
  }

  @Test
  void refusesWhatFollowsAndWhatIsNestedWithoutEnd() {
    Codec<Line> codec = Codecs.json(Line.class);
    assertThatThrownBy(() -> codec.decode("{\"article\":\"a\",\"count\":1} x".getBytes(UTF_8)))
        .isInstanceOf(IllegalArgumentException.class);
    Codec<Object> any = Codecs.json(Object.class);
    assertThatThrownBy(() -> any.decode("[".repeat(100_000).getBytes(UTF_8)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anyBytesDecodeOrAreRefusedTheSameWay() {
    Codec<Order> codec = Codecs.json(Order.class);
    byte[] good = codec.encode(ORDER);
    Random random = new Random(42);
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = good.clone();
      for (int n = random.nextInt(4); n >= 0; n--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      Throwable failure = catchThrowable(() -> codec.decode(bytes));
      assertThat(failure == null || failure instanceof IllegalArgumentException).isTrue();
    }
  }

  @SuppressWarnings("unchecked")
  private static Codec<Map<?, ?>> cast(Codec<?> codec) {
    return (Codec<Map<?, ?>>) codec;
  }

  private static String textOf(Throwable failure) {
    StringBuilder text = new StringBuilder();
    for (Throwable at = failure; at != null; at = at.getCause()) {
      text.append(at).append('\n');
    }
    return text.toString();
  }
}
