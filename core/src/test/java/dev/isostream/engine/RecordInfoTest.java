package dev.isostream.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isostream.Codec;
import dev.isostream.Codecs;
import dev.isostream.DecodeException;
import dev.isostream.Header;
import dev.isostream.Headers;
import dev.isostream.InvalidRequestException;
import dev.isostream.engine.testing.FakeRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Stored messages as applications see them. */
class RecordInfoTest {

  private static FakeRecord stored(byte @Nullable [] payload, Header... headers) {
    return new FakeRecord(
        "3", 7, null, new byte[] {(byte) 0xFF}, payload, Headers.of(List.of(headers)));
  }

  @Test
  void hidesTheEnginesHeadersButNotThoseOfDeadLetters() {
    RecordInfo info =
        new RecordInfo(
            "t",
            stored(
                null,
                Header.of("a", "1"),
                Header.of("isostream-producer", "p"),
                Header.of("isostream-later", "x"),
                Header.of("isostream-dead-id", "g@1"),
                Header.of("Isostream-own", "2")));
    assertThat(info.headers().asList())
        .extracting(Header::name)
        .containsExactly("a", "isostream-dead-id", "Isostream-own");
    Headers plain = Headers.of(List.of(Header.of("a", "1")));
    assertThat(WireHeaders.visible(plain)).isSameAs(plain);
  }

  @Test
  void showsKeysThatAreNoText() {
    RecordInfo info = new RecordInfo("t", stored(null));
    assertThat(info.key()).contains("\uFFFD");
    assertThat(info.keyBytes().orElseThrow()).containsExactly(0xFF);
    assertThat(info.position()).hasToString("fake:t/3@7");
    assertThat(info).hasToString("RecordInfo[fake:t/3@7]");
  }

  @Test
  void decodesOrSaysWhyNot() {
    assertThat(Payloads.decode(Codecs.utf8(), stored(new byte[] {'x'}))).isEqualTo("x");
    assertThatThrownBy(() -> Payloads.decode(Codecs.utf8(), stored(new byte[] {(byte) 0xFF})))
        .isInstanceOf(DecodeException.class)
        .hasMessageContaining("fake:t/3@7")
        .hasCauseInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Payloads.decode(Codecs.utf8(), stored(null)))
        .isInstanceOf(DecodeException.class)
        .hasMessageContaining("Codecs.nullable");
    assertThat(Payloads.decode(Codecs.nullable(Codecs.utf8()), stored(null))).isNull();
  }

  @Test
  void aCodecThatRecursesTooDeepOnlyFailsItsMessage() {
    Codec<String> deep =
        new Codec<>() {
          @Override
          public byte[] encode(String payload) {
            throw new StackOverflowError();
          }

          @Override
          public String decode(byte[] bytes) {
            throw new StackOverflowError();
          }
        };
    assertThatThrownBy(() -> Payloads.decode(deep, stored(new byte[0])))
        .isInstanceOf(DecodeException.class);
    assertThatThrownBy(() -> Payloads.encode("t", deep, "x"))
        .isInstanceOf(InvalidRequestException.class);
  }
}
