package dev.isostream.pulsar;

import dev.isostream.Limits;
import java.time.Duration;

/** The backend's numbers. Stateless. */
final class PulsarLimits {

  /** A message of the largest size that Pulsar takes by default, all of it headers in Base64. */
  private static final int MAX_MESSAGE_BYTES = 3_500_000;

  private static final int MAX_KEY_BYTES = 64 << 10;
  private static final int OPEN_WINDOW = 1500;
  private static final Duration GROUP_RETENTION = Duration.ofDays(36_500);
  private static final Duration RECONNECT_TIME = Duration.ofSeconds(10);

  private PulsarLimits() {}

  static Limits of(PulsarConfig config) {
    return Limits.builder()
        .maxMessageBytes(MAX_MESSAGE_BYTES)
        .maxKeyBytes(MAX_KEY_BYTES)
        .openWindow(OPEN_WINDOW)
        .duplicateWindow(0)
        .groupRetention(GROUP_RETENTION)
        .failoverTime(config.failoverTime())
        .reconnectTime(RECONNECT_TIME)
        .ackLossOnBrokerCrash(Duration.ZERO)
        .timestampSource(Limits.TimestampSource.SENDER)
        .build();
  }
}
