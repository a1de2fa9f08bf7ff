package dev.isostream.spi;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A classified native failure. The message must name no secret. */
public final class DriverException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final ErrorKind kind;

  public DriverException(ErrorKind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = Objects.requireNonNull(kind);
  }

  /** What kind of failure it is. */
  public ErrorKind kind() {
    return kind;
  }
}
