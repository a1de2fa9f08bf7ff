package dev.isostream;

/** What a call to settle a delivery came to. */
public enum Settlement {
  /** It took effect, durably. */
  DONE,
  /** The delivery had been settled before, in whatever way; nothing changed (contract D8). */
  ALREADY_SETTLED
}
