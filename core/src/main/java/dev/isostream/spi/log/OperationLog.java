package dev.isostream.spi.log;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A log whose order decides; over one {@link LogState}. Thread-safe. Blocks: never. */
public interface OperationLog extends AutoCloseable {

  /**
   * Appends an operation; the stage says what it came to, as {@link LogState#apply} told.
   *
   * <p>Fails with a {@link dev.isostream.spi.DriverException} where its fate is unknown. It may be
   * stored all the same, or twice: operations are such that this does no harm.
   */
  CompletableFuture<@Nullable Object> submit(byte[] operation);

  /** Frees everything; what is under way fails as closed. Harmless when repeated. */
  @Override
  void close();
}
