package dev.isostream;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A position that the backend no longer has (contract R5). */
public final class PositionRemovedException extends MessagingException {

  private static final long serialVersionUID = 1L;

  private final transient @Nullable Position requested;
  private final transient @Nullable Position earliest;

  public PositionRemovedException(
      String message,
      @Nullable Position requested,
      @Nullable Position earliest,
      @Nullable Throwable cause) {
    super(message, cause, false);
    this.requested = requested;
    this.earliest = earliest;
  }

  /** The position asked for. */
  public Optional<Position> requested() {
    return Optional.ofNullable(requested);
  }

  /** The earliest one left in its partition; empty where there is none. */
  public Optional<Position> earliest() {
    return Optional.ofNullable(earliest);
  }
}
