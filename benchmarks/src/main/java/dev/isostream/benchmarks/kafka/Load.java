package dev.isostream.benchmarks.kafka;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Messages of one size, with keys in turn. Immutable; arrays must not be changed. */
final class Load {

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

  int messages() {
    return messages;
  }

  byte[] payload() {
    return payload;
  }

  byte[] key(int message) {
    return keys[message % KEYS];
  }
}
