package dev.isostream;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A message to publish. Immutable: each method returns a new one.
 *
 * <p>An absent key and an empty key are two different things (contract P6).
 */
public final class Message<T extends @Nullable Object> {

  private final T payload;
  private final byte @Nullable [] key;
  private final Headers headers;

  private Message(T payload, byte @Nullable [] key, Headers headers) {
    this.payload = payload;
    this.key = key;
    this.headers = headers;
  }

  /** A message with this payload, no key and no headers. */
  public static <T extends @Nullable Object> Message<T> of(T payload) {
    return new Message<>(payload, null, Headers.empty());
  }

  /** With this key; messages of one key go to one partition and stay in order (contract P2). */
  public Message<T> key(String key) {
    return keyBytes(Objects.requireNonNull(key, "key").getBytes(StandardCharsets.UTF_8));
  }

  /** With a key that need not be text. The array is not copied and must not be changed. */
  public Message<T> keyBytes(byte[] key) {
    return new Message<>(payload, Objects.requireNonNull(key, "key"), headers);
  }

  /** With one more header, its value text in UTF-8. */
  public Message<T> header(String name, String value) {
    return new Message<>(payload, key, headers.with(Header.of(name, value)));
  }

  /** With one more header; the value may be absent. */
  public Message<T> header(String name, byte @Nullable [] value) {
    return new Message<>(payload, key, headers.with(new Header(name, value)));
  }

  /** With these headers in place of those it has. */
  public Message<T> headers(Headers headers) {
    return new Message<>(payload, key, Objects.requireNonNull(headers, "headers"));
  }

  /** What is sent. */
  public T payload() {
    return payload;
  }

  /** The key as UTF-8 text (malformed bytes replaced). */
  public Optional<String> key() {
    return key == null ? Optional.empty() : Optional.of(new String(key, StandardCharsets.UTF_8));
  }

  /** The key as it goes on the wire; must not be changed. */
  public Optional<byte[]> keyBytes() {
    return Optional.ofNullable(key);
  }

  /** The headers. */
  public Headers headers() {
    return headers;
  }

  /** Key size and header names; payloads, keys and header values may be secrets. */
  @Override
  public String toString() {
    return "Message[key="
        + (key == null ? "none" : key.length + " B")
        + ", headers="
        + headers
        + "]";
  }
}
