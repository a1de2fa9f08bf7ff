package dev.isostream;

import org.jspecify.annotations.Nullable;

/**
 * The memory in flight stayed at its bound for {@code maxBlock}; nothing was sent (contract P5).
 */
public final class BufferFullException extends MessagingException {

  private static final long serialVersionUID = 1L;

  public BufferFullException(String message) {
    this(message, null);
  }

  public BufferFullException(String message, @Nullable Throwable cause) {
    super(message, cause, true);
  }
}
