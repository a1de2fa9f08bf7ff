package dev.isostream.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** What the server does by itself, in one step; each says what in its file. */
@SuppressWarnings("ImmutableEnumChecker") // the arrays are shared, and changed by nobody
enum RedisScript {
  APPEND,
  GUARD,
  NOTE,
  BOUNDS,
  PENDING,
  COMMIT,
  ACQUIRE,
  RENEW,
  RELEASE,
  MEMBERS,
  RESET,
  PARTITION,
  TOPIC;

  private final byte[] text;
  private final byte[] name;

  RedisScript() {
    String file = name().toLowerCase(Locale.ROOT) + ".lua";
    try (InputStream in = RedisScript.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException(file + " is missing in the adapter's jar");
      }
      this.text = in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(file, e);
    }
    try {
      this.name =
          HexFormat.of()
              .formatHex(MessageDigest.getInstance("SHA-1").digest(text))
              .getBytes(StandardCharsets.US_ASCII);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-1, which Redis names scripts by", e);
    }
  }

  byte[] text() {
    return text;
  }

  /** By which the server knows it, once loaded. */
  byte[] sha1() {
    return name;
  }
}
