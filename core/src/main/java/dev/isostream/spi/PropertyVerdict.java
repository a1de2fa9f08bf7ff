package dev.isostream.spi;

/** What an adapter says of one property. */
public sealed interface PropertyVerdict {

  /** Known and usable. */
  record Accepted(boolean secret) implements PropertyVerdict {}

  /** Known, but not with this value, or not at all because it would break the contract. */
  record Refused(String reason) implements PropertyVerdict {}

  /** No such property. */
  record Unknown() implements PropertyVerdict {}
}
