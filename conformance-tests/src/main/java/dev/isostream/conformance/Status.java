package dev.isostream.conformance;

/** What became of a rule's test. */
public enum Status {
  /** Everything that was looked for was found, with evidence. */
  PASSED,
  /** Something was not found, or there is no evidence. */
  FAILED,
  /** It could not be tried here; the reason says why. */
  NOT_RUN
}
