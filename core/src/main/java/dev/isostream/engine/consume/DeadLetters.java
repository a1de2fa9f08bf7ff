package dev.isostream.engine.consume;

import dev.isostream.ClosedException;
import dev.isostream.Header;
import dev.isostream.Headers;
import dev.isostream.Limits;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.WireHeaders;
import dev.isostream.engine.errors.Errors;
import dev.isostream.engine.publish.Appender;
import dev.isostream.spi.SourceRecord;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Stores messages in the dead-letter topic, with headers that say where they came from and why;
 * tries until it succeeds (contract D6). Confined to the loop, but for its stages.
 */
final class DeadLetters<T> {

  private static final int REASON_BYTES_MAX = 1024;
  private static final int REASON_BYTES_CUT = 64;
  private static final int HEADERS_ROOM = 4096;
  private static final int KEY_BYTES_KEPT = 256;

  private final EngineContext context;
  private final String group;
  private final String topic;
  private final @Nullable Appender appender;

  DeadLetters(EngineContext context, String group, String topic, @Nullable String deadLetterTopic) {
    this.context = context;
    this.group = group;
    this.topic = topic;
    this.appender = deadLetterTopic == null ? null : new Appender(context, deadLetterTopic);
  }

  /**
   * Completes when the message is stored durably; where the backend does not take it as it is, a
   * stub that names its position.
   */
  CompletionStage<Void> store(HeldDelivery<T> delivery, int attempts, String reason) {
    SourceRecord message = delivery.source();
    Limits limits = context.driver().limits();
    byte[] key = message.key();
    byte[] payload = message.payload();
    Headers own = message.headers();
    long room = (long) limits.maxMessageBytes() + HEADERS_ROOM - size(key, payload, own);
    List<Header> dead = describe(delivery, attempts, cut(reason, REASON_BYTES_MAX));
    if (size(null, null, dead) > room) {
      dead = describe(delivery, attempts, cut(reason, REASON_BYTES_CUT));
    }
    if (size(null, null, dead) > room || (key != null && key.length > limits.maxKeyBytes())) {
      return storeStub(delivery, dead);
    }
    List<Header> described = dead;
    return append(delivery, key, payload, own, dead)
        .handle(
            (stored, failure) ->
                failure == null
                    ? CompletableFuture.<Void>completedStage(null)
                    : refused(delivery, described, failure))
        .thenCompose(stage -> stage);
  }

  private CompletionStage<Void> refused(
      HeldDelivery<T> delivery, List<Header> dead, Throwable failure) {
    return Errors.unwrap(failure) instanceof ClosedException
        ? CompletableFuture.failedStage(failure)
        : storeStub(delivery, dead);
  }

  private CompletionStage<Void> storeStub(HeldDelivery<T> delivery, List<Header> dead) {
    SourceRecord message = delivery.source();
    byte[] key = message.key();
    long bytes = size(key, message.payload(), message.headers());
    List<Header> stub = new ArrayList<>(dead);
    stub.add(header("stub", Long.toString(bytes)));
    boolean keyFits = key != null && key.length <= KEY_BYTES_KEPT;
    return append(delivery, keyFits ? key : null, null, Headers.empty(), stub);
  }

  private CompletionStage<Void> append(
      HeldDelivery<T> delivery,
      byte @Nullable [] key,
      byte @Nullable [] payload,
      Headers own,
      List<Header> dead) {
    Appender to = appender;
    if (to == null) {
      return CompletableFuture.failedFuture(new IllegalStateException("no dead-letter topic"));
    }
    List<Header> all = new ArrayList<>(own.size() + dead.size());
    for (Header each : own) {
      if (!each.name().startsWith(WireHeaders.PREFIX)) {
        all.add(each);
      }
    }
    all.addAll(dead);
    MemberLoop<T> member = delivery.lane.member;
    return to.append(
        key,
        payload,
        Headers.of(all),
        failure -> member.onLoop(() -> member.told().deadLetterFailed(delivery, failure)));
  }

  private List<Header> describe(HeldDelivery<T> delivery, int attempts, String reason) {
    String position = delivery.position().toString();
    List<Header> dead = new ArrayList<>(8);
    dead.add(header("topic", topic));
    dead.add(header("partition", delivery.partition()));
    dead.add(header("position", position));
    dead.add(header("group", group));
    dead.add(header("attempts", Integer.toString(attempts)));
    dead.add(header("reason", reason));
    dead.add(header("at", context.runtime().now().toString()));
    dead.add(header("id", group + "@" + position));
    return dead;
  }

  private static Header header(String name, String value) {
    return Header.of(WireHeaders.DEAD_PREFIX + name, value);
  }

  /** At most so many bytes of UTF-8, cut between characters. */
  static String cut(String text, int maxBytes) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    if (utf8.length <= maxBytes) {
      return text;
    }
    int end = maxBytes;
    while (end > 0 && (utf8[end] & 0xC0) == 0x80) {
      end--;
    }
    return new String(utf8, 0, end, StandardCharsets.UTF_8);
  }

  private static long size(
      byte @Nullable [] key, byte @Nullable [] payload, Iterable<Header> headers) {
    long bytes = (key == null ? 0 : key.length) + (long) (payload == null ? 0 : payload.length);
    for (Header header : headers) {
      byte[] value = header.value();
      bytes += header.name().length() + (value == null ? 0 : value.length) + 4L;
    }
    return bytes;
  }

  /** Stops trying; what is not stored fails. */
  void close() {
    if (appender != null) {
      appender.close();
    }
  }
}
