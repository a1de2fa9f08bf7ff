package dev.isostream.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.stream.Codec;
import com.rabbitmq.stream.Message;
import dev.isostream.Header;
import dev.isostream.Headers;
import dev.isostream.Position;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.SinkRecord;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RabbitRecordsTest {

  private static final RabbitTopic.Partition PARTITION =
      new RabbitTopic("t", List.of("t-0")).partition(0);

  private record Sent(byte @Nullable [] key, byte @Nullable [] payload, Headers headers)
      implements SinkRecord {
    @Override
    public long sequence() {
      return 0;
    }

    @Override
    public void stored(Supplier<CompletionStage<Position>> position) {}

    @Override
    public void failed(ErrorKind kind, boolean maybeStored, Throwable cause) {}
  }

  private static RabbitRecords.Stored stored(byte[] bytes) {
    Message raw = RabbitCodec.INSTANCE.decode(Unpooled.wrappedBuffer(bytes), bytes.length);
    return new RabbitRecords.Stored(PARTITION, 3, 4, raw);
  }

  private static byte[] encoded(Message message) {
    Codec.EncodedMessage encoded = RabbitCodec.INSTANCE.encode(message);
    ByteBuf bytes = Unpooled.buffer();
    encoded.writeTo(bytes);
    bytes.skipBytes(Integer.BYTES); // its length, as in a frame
    byte[] all = new byte[bytes.readableBytes()];
    bytes.readBytes(all);
    return all;
  }

  private static void comesBack(
      byte @Nullable [] key, byte @Nullable [] payload, Header... headers) {
    Sent sent = new Sent(key, payload, Headers.of(List.of(headers)));
    RabbitRecords.Stored back = stored(encoded(RabbitRecords.toNative(sent, 17)));
    assertThat(back.key()).isEqualTo(key);
    assertThat(back.payload()).isEqualTo(payload);
    assertThat(back.headers()).isEqualTo(sent.headers());
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void whatWentInComesOut() {
    byte[] noText = {(byte) 0xff, 0, (byte) 0xc3};
    comesBack(null, null);
    comesBack(new byte[0], new byte[0]);
    comesBack(text("ключ"), text("p"), Header.of("a", "1"), Header.of("A", "2"));
    comesBack(noText, noText, new Header("binary", noText), Header.of("empty", ""));
    comesBack(
        text("k"), text("p"), Header.of("twice", "1"), Header.of("b", ""), Header.of("twice", "2"));
    comesBack(null, text("p"), Header.of("n".repeat(300), "v"), Header.of("isostream-key", "odd"));
  }

  @Test
  void theShortWayFindsWhatTheCodecFinds() {
    Sent sent = new Sent(text("key"), new byte[300], Headers.of(List.of(Header.of("a", "1"))));
    byte[] valid = encoded(RabbitRecords.toNative(sent, 17));
    RabbitSections found = Objects.requireNonNull(RabbitSections.of(valid));
    assertThat(found.key()).isEqualTo(sent.key());
    assertThat(found.payload()).isEqualTo(sent.payload());
    int agreed = 0;
    for (int at = 0; at < valid.length; at++) {
      for (int value = 0; value < 256; value++) {
        byte[] other = valid.clone();
        other[at] = (byte) value;
        agreed += agree(other);
      }
      agree(Arrays.copyOf(valid, at));
    }
    assertThat(agreed).isGreaterThan(valid.length);
  }

  /** Whatever the bytes are: the short way finds what is there, or leaves it to the codec. */
  private static int agree(byte[] bytes) {
    RabbitSections found = RabbitSections.of(bytes);
    Message opened = RabbitCodec.INSTANCE.open(new RabbitCodec.Raw(bytes));
    if (found == null || opened == null) {
      return 0;
    }
    assertThat(found.payload()).isEqualTo(opened.getBodyAsBinary());
    Map<String, Object> properties = opened.getApplicationProperties();
    Object wanted = properties == null ? null : properties.get(RabbitRecords.KEY);
    byte[] key = found.key();
    if (wanted instanceof String) {
      // text that is none: the codec has put something else for it
      assertThat(new String(key, StandardCharsets.UTF_8)).isEqualTo(wanted);
    } else {
      assertThat(key).isEqualTo(wanted);
    }
    return 1;
  }

  @Test
  void bytesThatAreNoMessageAreThePayload() {
    byte[] noise = {1, 2, 3, 4};
    assertThat(stored(noise).payload()).isEqualTo(noise);
    assertThat(stored(noise).key()).isNull();
    assertThat(stored(new byte[0]).headers()).isEqualTo(Headers.empty());
    byte[] noSections = {0x40, 0x40, 0x43}; // null, null, 0
    assertThat(stored(noSections).payload()).isEqualTo(noSections);
    byte[] deep = new byte[100_000];
    Arrays.fill(deep, (byte) 0); // described by what is described by ...
    assertThat(stored(deep).payload()).isEqualTo(deep);
  }

  @Test
  void bodiesOfOtherKindsAreText() {
    byte[] header = {0x00, 0x53, 0x70, (byte) 0xc0, 0x02, 0x01, 0x41};
    byte[] value = {0x00, 0x53, 0x77, (byte) 0xa1, 0x02, 'h', 'i'};
    byte[] number = {0x00, 0x53, 0x77, 0x54, 0x07};
    byte[] data = {0x00, 0x53, 0x75, (byte) 0xa0, 0x02, 'h', 'i'};
    assertThat(stored(joined(header, value)).payload()).isEqualTo(text("hi"));
    assertThat(stored(number).payload()).isEqualTo(text("7"));
    assertThat(stored(joined(header, data)).payload()).isEqualTo(text("hi"));
    assertThat(stored(header).payload()).isEqualTo(header); // no body at all
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  @Test
  void keysGoWhereTheStreamClientSendsThem() {
    RabbitTopic topic = new RabbitTopic("t", List.of("t-0", "t-1", "t-2"));
    for (int i = 0; i < 10; i++) {
      String key = Integer.toString(i);
      int wanted =
          Integer.remainderUnsigned(com.rabbitmq.stream.impl.HashUtils.MURMUR3.applyAsInt(key), 3);
      assertThat(topic.partitionOf(text(key))).isEqualTo(wanted);
    }
    assertThat(topic.partitionOf(new byte[] {(byte) 0xff})).isBetween(0, 2);
  }
}
