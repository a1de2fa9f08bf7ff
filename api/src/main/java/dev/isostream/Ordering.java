package dev.isostream;

/** What a failing message holds up, and what runs one after the other. The subscriber's choice. */
public enum Ordering {
  /**
   * A message is handed out only when every earlier message of its key in the group is settled;
   * messages without a key wait for none (contract O1). The default.
   */
  KEY,
  /** As {@link #KEY}, with the partition in the key's place (contract O3). */
  PARTITION,
  /** No message waits for another. */
  NONE
}
