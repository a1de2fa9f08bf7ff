package dev.isostream.rabbitmq;

import dev.isostream.spi.log.GroupState;
import dev.isostream.spi.log.LogGroup;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/** A group's stream. */
final class RabbitGroup {

  private static final String PREFIX = "isostream:group:";
  private static final int LONGEST_NAME = 255;

  private RabbitGroup() {}

  /** Connects when it is first used. */
  static LogGroup open(RabbitCluster cluster, String topic, String group) {
    String doing = LogGroup.doing(topic, group);
    return new LogGroup(
        topic,
        group,
        new RabbitLog(cluster, stream(topic, group), doing, new GroupState()),
        () -> cluster.async("Looking for topic \"" + topic + "\"", () -> cluster.find(topic)),
        RabbitErrors.TRANSLATOR);
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
}
