package dev.isostream.memory;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a connection was opened with. Immutable.
 *
 * @param sessionTimeout after how long of silence a member is given up
 * @param rebalanceTimeout how long a member may take to give a lane back
 * @param retentionMessages of each partition of topics that this connection creates
 */
record MemoryConfig(
    String clientId,
    Duration requestTimeout,
    Duration sessionTimeout,
    Duration rebalanceTimeout,
    int maxMessageBytes,
    long retentionMessages,
    @Nullable String user,
    @Nullable String password) {

  /** What the broker takes beyond what senders may use: room for the headers of dead letters. */
  static final int HEADROOM_BYTES = 64 * 1024;

  private static final int MAX_KEY_BYTES = 64 * 1024;

  int maxStoredBytes() {
    return maxMessageBytes + HEADROOM_BYTES;
  }

  int maxKeyBytes() {
    return Math.min(MAX_KEY_BYTES, maxMessageBytes);
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "MemoryConfig[clientId=" + clientId + ", user=" + user + "]";
  }
}
