package dev.isostream.engine;

import java.util.random.RandomGenerator;

/** Names that nobody else has. Stateless. */
public final class Ids {

  private Ids() {}

  /** 128 random bits as 32 lower-case hexadecimal digits. */
  public static String unique(RandomGenerator random) {
    return String.format("%016x%016x", random.nextLong(), random.nextLong());
  }
}
