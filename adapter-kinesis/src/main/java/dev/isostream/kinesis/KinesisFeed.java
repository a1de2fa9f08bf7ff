package dev.isostream.kinesis;

/**
 * Where the records of a source's lanes come from. All calls are made with the lanes' lock held, by
 * whoever waits for something to be told: that is the one schedule. None blocks.
 */
interface KinesisFeed {

  /** Nothing is due; what is under way tells when it is there. */
  long NOTHING_DUE = Long.MAX_VALUE;

  /**
   * Begins what is due for a lane that has room.
   *
   * @return in how many nanoseconds something is due
   */
  long feed(KinesisLane lane, long now);

  /**
   * For a lane that takes nothing now: it is paused, or what it has is not told yet.
   *
   * @return as {@link #feed}
   */
  long rest(KinesisLane lane, long now);

  /** What is under way for a lane is of no use any more. */
  void drop(KinesisLane lane);
}
