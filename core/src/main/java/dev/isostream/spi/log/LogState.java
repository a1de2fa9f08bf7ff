package dev.isostream.spi.log;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What the operations of a log are applied to, by one thread at a time. Starts empty; everything
 * that it reads is untrusted (contract E5).
 */
public interface LogState {

  /**
   * Applies an operation; the same everywhere. Malformed ones change nothing.
   *
   * @param timestamp when it was stored, in milliseconds, by a clock that all readers see alike
   * @return what it came to, for whoever sent it
   */
  @Nullable Object apply(ByteBuffer operation, long timestamp);

  /**
   * Whether what an operation comes to depends on when anything was stored. Logs that are told a
   * place before they are told a timestamp may apply others at once.
   */
  default boolean dependsOnTime(ByteBuffer operation) {
    return true;
  }

  /** Tells when an operation was stored that was applied before that was known. */
  default void timed(ByteBuffer operation, long timestamp) {}

  /** All of it; what was written by an equal state is equal. */
  byte[] write();

  /** Becomes what was written. */
  void read(byte[] written);
}
