package dev.isostream.rabbitmq;

import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Place;
import dev.isostream.spi.StoredCursor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A group's stream, opened. Thread-safe. Blocks: never. */
final class RabbitGroup implements AutoCloseable {

  private static final String PREFIX = "isostream:group:";
  private static final int LONGEST_NAME = 255;
  private static final int AT = 1;
  private static final int AFTER = 2;
  private static final int ORIGIN = 3;

  private final String doing;
  private final RabbitLog log;

  private RabbitGroup(String doing, RabbitLog log) {
    this.doing = doing;
    this.log = log;
  }

  /** Connects when it is first used. */
  static RabbitGroup of(RabbitCluster cluster, String topic, String group) {
    String doing = "Keeping group \"" + group + "\" of topic \"" + topic + "\"";
    return new RabbitGroup(
        doing, new RabbitLog(cluster, stream(topic, group), doing, new RabbitGroupState()));
  }

  /** The stream's name; neither topics nor groups have a colon in theirs. */
  static String stream(String topic, String group) {
    String name = PREFIX + topic + ":" + group;
    return name.length() <= LONGEST_NAME ? name : PREFIX + hash(topic + ":" + group);
  }

  private static String hash(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Arguments of the stream; retention keeps many times what the lanes' cursors can fill. */
  static Map<String, String> arguments(int lanes) {
    long kept = Math.max(RabbitLog.KEPT_BYTES, 16L * lanes * RabbitDriver.CURSOR_BYTES);
    return Map.of(
        "max-length-bytes", Long.toString(kept),
        "stream-max-segment-size-bytes", Long.toString(RabbitLog.SEGMENT_BYTES));
  }

  /**
   * Appends an operation.
   *
   * @param outcome of what it came to, if it was not refused
   */
  <T> CompletableFuture<T> submit(byte[] operation, Function<@Nullable Object, T> outcome) {
    return log.submit(operation)
        .thenApply(
            result -> {
              if (result == RabbitGroupState.Refusal.DELETED) {
                throw RabbitErrors.of(ErrorKind.GROUP_NOT_FOUND, doing, null);
              }
              if (result == RabbitGroupState.Refusal.ACTIVE) {
                throw RabbitErrors.of(ErrorKind.GROUP_ACTIVE, doing, null);
              }
              return outcome.apply(result);
            });
  }

  CompletableFuture<RabbitGroupState.View> view(byte[] operation) {
    return submit(
        operation,
        result -> {
          if (result instanceof RabbitGroupState.View view) {
            return view;
          }
          throw RabbitErrors.of(ErrorKind.UNKNOWN, doing, null);
        });
  }

  static RabbitGroupState.Cursor cursor(StoredCursor cursor) {
    Place place = cursor.place();
    if (place instanceof Place.At at) {
      return new RabbitGroupState.Cursor(AT, at.position().word(0), cursor.state());
    }
    if (place instanceof Place.After after) {
      return new RabbitGroupState.Cursor(AFTER, after.position().word(0), cursor.state());
    }
    if (place instanceof Place.Origin) {
      return new RabbitGroupState.Cursor(ORIGIN, 0, cursor.state());
    }
    throw new DriverException(ErrorKind.INVALID, place + " is no place of a cursor.", null);
  }

  static StoredCursor cursor(RabbitTopic.Partition partition, RabbitGroupState.Cursor cursor) {
    Place place =
        switch (cursor.kind()) {
          case AT -> new Place.At(partition.position(cursor.offset()));
          case AFTER -> new Place.After(partition.position(cursor.offset()));
          default -> Place.Origin.INSTANCE;
        };
    return new StoredCursor(place, cursor.state());
  }

  @Override
  public void close() {
    log.close();
  }
}
