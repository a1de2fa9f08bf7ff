package dev.isostream.engine.simulation;

import dev.isostream.spi.StoredCursor;

/**
 * What a driver or broker does wrong on purpose, to see that a checker notices. The plain one does
 * nothing wrong.
 */
class Breakage {

  boolean acceptsStaleCommits;

  /** What is stored in place of a cursor. */
  StoredCursor stored(StoredCursor cursor) {
    return cursor;
  }

  /** What is handed to the next owner in place of a cursor. */
  StoredCursor handed(StoredCursor cursor) {
    return cursor;
  }

  /** Whether a lane that was given out so often is never given out again. */
  boolean neverAssignsAgain(long times) {
    return false;
  }

  /** Whether a message is left out by the source. */
  boolean skips(SimRecord message) {
    return false;
  }

  /** Whether a message is told before the one in front of it. */
  boolean swaps(SimRecord message) {
    return false;
  }

  /** Whether the source goes on telling records of a paused lane. */
  boolean ignoresPause() {
    return false;
  }

  /** Whether an append is confirmed and not stored. */
  boolean forgets(String topic) {
    return false;
  }

  /** Whether an append is stored twice, with ids that differ. */
  boolean doubles() {
    return false;
  }

  /** Whether an append overtakes the one before it. */
  boolean overtakes() {
    return false;
  }

  /** Whether a commit that failed is said to be stored. */
  boolean confirmsLostCommits() {
    return false;
  }
}
