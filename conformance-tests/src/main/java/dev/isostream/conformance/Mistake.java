package dev.isostream.conformance;

/** A way to connect that can't work (contract E3). */
public enum Mistake {
  /** A password that the backend refuses. */
  BAD_CREDENTIALS,
  /** Credentials that are good and may do nothing. */
  NO_PERMISSION,
  /** A certificate that the client doesn't trust, or TLS where there is none. */
  BAD_TLS,
  /** An address where nobody listens. */
  UNREACHABLE
}
