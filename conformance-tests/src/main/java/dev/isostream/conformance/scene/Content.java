package dev.isostream.conformance.scene;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Header;
import dev.isostream.Headers;
import dev.isostream.Limits;
import dev.isostream.Message;
import dev.isostream.MessageInfo;
import dev.isostream.Received;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A message's content in bytes, to be compared. Immutable; the arrays are not changed.
 *
 * @param what says in words what is special about it
 */
public record Content(
    String what, byte @Nullable [] key, byte @Nullable [] payload, Headers headers) {

  private static final byte[] SOME = text("payload");

  /** One of each kind that an encoding could lose (contract P6). */
  public static List<Content> samples(Limits limits) {
    List<Content> samples = new ArrayList<>();
    samples.add(of("a plain message", text("key"), SOME));
    samples.add(of("an empty payload", text("key"), new byte[0]));
    samples.add(of("an absent payload", text("key"), null));
    samples.add(of("an absent key", null, SOME));
    samples.add(of("an empty key", new byte[0], SOME));
    samples.add(of("a key in Unicode", text("ключ 鍵 🔑"), text("пейлоад ✓ \u0000 \n")));
    samples.add(of("a key that is not UTF-8", new byte[] {(byte) 0xff, 0, (byte) 0xfe}, SOME));
    samples.add(of("every byte value", text("key"), everyByte()));
    samples.add(of("a payload of one byte", text("k"), new byte[] {0}));
    samples.add(headers("an empty header value", new Header("h", new byte[0])));
    samples.add(headers("an absent header value", absent("h")));
    samples.add(
        headers(
            "repeated headers in their order",
            Header.of("h", "1"),
            Header.of("other", "2"),
            Header.of("h", "3"),
            absent("h"),
            Header.of("h", "")));
    samples.add(
        headers(
            "header names that differ in case", Header.of("Name", "a"), Header.of("name", "b")));
    samples.add(headers("a header in Unicode", Header.of("имя-名", "значение 🗝")));
    samples.add(headers("a header value of bytes", new Header("bytes", everyByte())));
    samples.add(headers("a header name with odd characters", Header.of("a b:c=d,e/f", "x")));
    samples.add(of("the largest payload", null, random(limits.maxMessageBytes())));
    samples.add(of("a long key", random(Math.min(limits.maxKeyBytes(), 1024)), SOME));
    return samples;
  }

  private static Content of(String what, byte @Nullable [] key, byte @Nullable [] payload) {
    return new Content(what, key, payload, Headers.empty());
  }

  private static Content headers(String what, Header... headers) {
    return new Content(what, text("key"), SOME, Headers.of(List.of(headers)));
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] everyByte() {
    byte[] bytes = new byte[256];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    return bytes;
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  /** A header without a value. */
  @SuppressWarnings("NullAway") // on a JDK before 22 it does not see that the value may be null
  public static Header absent(String name) {
    return new Header(name, null);
  }

  /** As a message. */
  @SuppressWarnings("NullAway") // on a JDK before 22 it does not see that the payload may be null
  public Message<byte @Nullable []> message() {
    Message<byte @Nullable []> message = Message.of(payload);
    if (key != null) {
      message = message.keyBytes(key);
    }
    return message.headers(headers);
  }

  /** Fails where what was received is another. */
  public void assertSameAs(Received<? extends Object> received) {
    assertSameAs(received, UnaryOperator.identity());
  }

  /** As {@link #assertSameAs(Received)}, of the headers that the function leaves. */
  public void assertSameAs(Received<? extends Object> received, UnaryOperator<Headers> relevant) {
    assertThat(received.body().orElse(null)).as("payload").isEqualTo(payload);
    assertThat(received.keyBytes().orElse(null)).as("key").isEqualTo(key);
    MessageInfo info = received;
    assertThat(relevant.apply(info.headers()).asList())
        .as("headers")
        .containsExactlyElementsOf(headers.asList());
  }

  /** The sizes only. */
  @Override
  public String toString() {
    return "Content[" + what + "]";
  }
}
