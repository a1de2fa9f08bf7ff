package dev.isostream.spi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Header;
import dev.isostream.Headers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class WireBytesTest {

  private static final Headers HEADERS =
      Headers.of(
          List.of(
              Header.of("twice", "1"),
              WireBytes.header("none", null),
              Header.of("twice", ""),
              new Header("имя", new byte[] {0, (byte) 0xff})));

  @Test
  void headersComeBackByteForByteAndInOrder() {
    assertThat(WireBytes.unpack(WireBytes.pack(HEADERS))).isEqualTo(HEADERS);
    assertThat(WireBytes.unpack(new byte[0])).isEqualTo(Headers.empty());
  }

  @Test
  void whatIsNotWholeIsNone() {
    byte[] packed = WireBytes.pack(HEADERS);
    int whole = 0;
    for (int length = 1; length < packed.length; length++) {
      Headers found = WireBytes.unpack(Arrays.copyOf(packed, length));
      whole += found == null ? 0 : 1; // behind a header, it is fewer headers
    }
    assertThat(whole).isEqualTo(3);
    assertThat(WireBytes.unpack(new byte[] {0x7f, -1, -1, -1, 0, 0, 0, 0})).isNull();
    assertThat(WireBytes.unpack(new byte[] {-1, -1, -1, -1, 0, 0, 0, 0})).isNull();
    assertThat(WireBytes.unpack(new byte[] {0, 0, 0, 1, 'a', -1, -1, -1, -2})).isNull();
  }

  @Test
  void textIsText() {
    assertThat(WireBytes.text("plain".getBytes(StandardCharsets.UTF_8))).isEqualTo("plain");
    assertThat(WireBytes.text("имя".getBytes(StandardCharsets.UTF_8))).isEqualTo("имя");
    assertThat(WireBytes.text(new byte[] {'a', (byte) 0xc3})).isNull();
  }
}
