package dev.isostream.engine.simulation;

import dev.isostream.engine.cursor.CursorState;
import dev.isostream.engine.cursor.CursorWriter;
import dev.isostream.engine.cursor.Failures;
import dev.isostream.engine.cursor.Spot;

/** Forges a stored state in which a message has failed again and again. */
final class Blame {

  private static final int FAILURES = 9;

  private Blame() {}

  static byte[] of(byte[] state, long offset) {
    CursorState read = CursorState.read(state);
    CursorWriter out = new CursorWriter(read.groupRecord(), 0).dense(offset);
    read.settled().forEach(out::settled);
    out.failures(Spot.dense(offset), new Failures(FAILURES, false, 0));
    return out.toBytes();
  }
}
