package dev.isostream.core.config;

import java.util.Optional;

/** What values a property takes. Immutable. */
public interface ValueType<T> {

  /**
   * Reads a value from text, without judging its range.
   *
   * <p>Fails: {@link IllegalArgumentException}; what is allowed says the rest.
   */
  T parse(String text);

  /** Writes a value as {@link #parse} reads it. */
  String format(T value);

  /** What is allowed, in words; for messages and documentation. */
  String allowed();

  /** Whether a value is among what is allowed. */
  boolean allows(T value);

  /** What is wrong with a value; empty where nothing is. */
  default Optional<String> problem(T value) {
    return allows(value) ? Optional.empty() : Optional.of("allowed: " + allowed());
  }
}
