package dev.isostream.benchmarks.report;

/**
 * One number.
 *
 * @param workload what was done
 * @param contestant who did it
 * @param metric what was measured, with its unit
 * @param ratioToRaw to what the plain client did in the same rounds; 1 for itself, and where there
 *     is no plain client
 */
public record Measurement(
    String backend,
    String workload,
    String contestant,
    String metric,
    double value,
    double ratioToRaw) {

  /** The contestant that others are compared with. */
  public static final String RAW = "raw";

  /** The other contestant. */
  public static final String ISOSTREAM = "isostream";
}
