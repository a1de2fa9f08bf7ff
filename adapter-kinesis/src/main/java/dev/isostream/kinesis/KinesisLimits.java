package dev.isostream.kinesis;

import dev.isostream.Limits;
import java.time.Duration;

/** The backend's numbers. Stateless. */
final class KinesisLimits {

  /** What any Region takes for one record, its partition key included. */
  static final int MAX_RECORD_BYTES = 1 << 20;

  /** What the engine's state may take; most often it takes some hundred. An item has 400 KB. */
  static final int CURSOR_BYTES = 64 << 10;

  static final int DUPLICATE_WINDOW = 1000;

  /** For tags, headers written twice, and those that the engine adds. */
  private static final int ROOM_BYTES = 64 << 10;

  private static final int MAX_KEY_BYTES = 32 << 10;
  private static final int OPEN_WINDOW = 1500;
  private static final Duration GROUP_RETENTION = Duration.ofDays(36_500);
  private static final Duration RECONNECT_TIME = Duration.ofSeconds(10);

  private KinesisLimits() {}

  static Limits of(KinesisConfig config) {
    return Limits.builder()
        .maxMessageBytes(MAX_RECORD_BYTES - ROOM_BYTES)
        .maxKeyBytes(MAX_KEY_BYTES)
        .openWindow(OPEN_WINDOW)
        .duplicateWindow(DUPLICATE_WINDOW)
        .groupRetention(GROUP_RETENTION)
        .failoverTime(config.failoverTime())
        .reconnectTime(RECONNECT_TIME)
        .ackLossOnBrokerCrash(Duration.ZERO)
        .timestampSource(Limits.TimestampSource.BROKER)
        .build();
  }
}
