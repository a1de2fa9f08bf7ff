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
import java.util.List;
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
  void bytesThatAreNoMessageAreThePayload() {
    byte[] noise = {1, 2, 3, 4};
    assertThat(stored(noise).payload()).isEqualTo(noise);
    assertThat(stored(noise).key()).isNull();
    assertThat(stored(new byte[0]).headers()).isEqualTo(Headers.empty());
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
