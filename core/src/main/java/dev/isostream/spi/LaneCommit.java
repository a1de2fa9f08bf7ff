package dev.isostream.spi;

import dev.isostream.Position;
import java.util.List;

/**
 * A lane's cursor to be stored. Each commit holds the whole cursor, so a later one replaces an
 * earlier one whatever became of that.
 *
 * @param cursor the cursor as it is to be
 * @param settled settled since the last commit that succeeded, in no order; only where {@link
 *     DriverTraits#acksIndividually} holds, or, and then only behind the place, {@link
 *     GroupSource#showsSettled}; else empty
 * @param begun of those that are not settled: handed out for a while, or failed before; in stored
 *     order. What else is not settled may not be handed out yet. For brokers that show what a group
 *     has in hand; only where {@link DriverTraits#acksIndividually} holds, else empty
 * @param ended everything of this lane is settled and nothing will follow (its {@link
 *     SourceListener#ended} was called)
 */
public record LaneCommit(
    Lane lane, StoredCursor cursor, List<Position> settled, List<Position> begun, boolean ended) {

  /** With nothing begun. */
  public LaneCommit(Lane lane, StoredCursor cursor, List<Position> settled, boolean ended) {
    this(lane, cursor, settled, List.of(), ended);
  }
}
