package dev.isostream.rabbitmq;

import dev.isostream.Limits;
import java.time.Duration;

/** The backend's numbers. Stateless. */
final class RabbitLimits {

  /** For the frame, AMQP's encoding, headers written twice, and those that the engine adds. */
  private static final int ROOM_BYTES = 64 << 10;

  private static final int MAX_KEY_BYTES = 64 << 10;
  private static final int OPEN_WINDOW = 8192;
  private static final Duration GROUP_RETENTION = Duration.ofDays(36_500);
  private static final Duration RECONNECT_TIME = Duration.ofSeconds(10);

  private RabbitLimits() {}

  static Limits of(RabbitConfig config) {
    return Limits.builder()
        .maxMessageBytes(RabbitConfig.MAX_FRAME_BYTES - ROOM_BYTES)
        .maxKeyBytes(MAX_KEY_BYTES)
        .openWindow(OPEN_WINDOW)
        .duplicateWindow(0)
        .groupRetention(GROUP_RETENTION)
        .failoverTime(config.failoverTime())
        .reconnectTime(RECONNECT_TIME)
        .ackLossOnBrokerCrash(Duration.ZERO)
        .timestampSource(Limits.TimestampSource.BROKER)
        .build();
  }
}
