package dev.isostream.spi.log;

import dev.isostream.Position;
import java.util.List;

/** The lanes of a topic as it is now, to a group's log. Immutable. */
public interface LogLanes {

  /** Their names. The first is the anchor, for ever. */
  List<String> names();

  /**
   * The position with these words.
   *
   * <p>Fails: {@link dev.isostream.spi.DriverException} where there is no such lane, or where the
   * backend can't have made it: it was read from the log, where anybody can write (contract E5).
   */
  Position position(String lane, long... words);
}
