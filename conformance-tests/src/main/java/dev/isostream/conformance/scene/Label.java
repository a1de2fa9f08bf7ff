package dev.isostream.conformance.scene;

import dev.isostream.Header;
import dev.isostream.Headers;
import dev.isostream.Received;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A message's content in one line of text, its name first: two messages have the same one only if
 * their payloads, keys and headers are the same byte for byte. Dead letters are labelled without
 * the headers that tell of their death. Stateless.
 */
public final class Label {

  /** The header that names a message. */
  public static final String NAME = "name";

  private static final int SHOWN_BYTES = 16;

  private Label() {}

  /** The label of a received message. */
  public static String of(Received<?> message) {
    Headers own = DeadLetterBox.own(message.headers());
    return of(message.keyBytes().orElse(null), message.body().orElse(null), own);
  }

  /** The label of such a message. */
  public static String of(byte @Nullable [] key, byte @Nullable [] payload, Headers headers) {
    return headers.text(NAME).orElse("nameless")
        + " key="
        + text(key)
        + " payload="
        + text(payload)
        + " headers="
        + headers.asList().stream().map(Label::text).collect(Collectors.joining(",", "[", "]"));
  }

  /** A key as readable text, null where there is none. */
  public static @Nullable String key(Received<?> message) {
    return message.keyBytes().map(Label::text).orElse(null);
  }

  /** The name that a label starts with. */
  public static String name(String label) {
    return Records.id(label);
  }

  private static String text(Header header) {
    return text(header.name().getBytes(StandardCharsets.UTF_8)) + "=" + text(header.value());
  }

  /** Letters and digits as they are, other bytes in hexadecimal; of what is long the hash. */
  public static String text(byte @Nullable [] bytes) {
    if (bytes == null) {
      return "absent";
    }
    if (bytes.length > SHOWN_BYTES) {
      return bytes.length + "B:" + HexFormat.of().formatHex(hash(bytes), 0, SHOWN_BYTES);
    }
    StringBuilder text = new StringBuilder("'");
    for (byte each : bytes) {
      boolean plain = each == '-' || (each >= 0 && Character.isLetterOrDigit((char) each));
      text.append(plain ? String.valueOf((char) each) : "\\" + HexFormat.of().toHexDigits(each));
    }
    return text.append('\'').toString();
  }

  private static byte[] hash(byte[] bytes) {
    try {
      return Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(bytes), SHOWN_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
