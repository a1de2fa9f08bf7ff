package dev.isostream.benchmarks.rounds;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Messages of one size, with keys in turn. Immutable; arrays must not be changed. */
public final class Load {

  static final int KEYS = 1000;

  private final byte[] payload;
  private final byte[][] keys = new byte[KEYS][];
  private final int messages;

  Load(int messages, int payloadBytes) {
    this.messages = messages;
    this.payload = new byte[payloadBytes];
    new Random(payloadBytes).nextBytes(payload);
    for (int i = 0; i < KEYS; i++) {
      keys[i] = ("key-" + i).getBytes(StandardCharsets.US_ASCII);
    }
  }

  /** How many. */
  public int messages() {
    return messages;
  }

  /** What is in each. */
  public byte[] payload() {
    return payload;
  }

  /** The key of one, by its number from 0. */
  public byte[] key(int message) {
    return keys[message % KEYS];
  }
}
