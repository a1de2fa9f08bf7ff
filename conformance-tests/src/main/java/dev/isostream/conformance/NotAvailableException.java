package dev.isostream.conformance;

/** Says that a rule can't be tried here, and why; the report shows it as not run. */
public final class NotAvailableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** With a reason that a reader of the report understands. */
  public NotAvailableException(String reason) {
    super(reason);
  }
}
