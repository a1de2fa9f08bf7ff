package dev.isostream.spi;

import dev.isostream.Position;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a source tells. Implemented by the engine; called by the source's owner from inside {@link
 * Source#poll} only (and {@link GroupSource#close}, for revocations).
 */
public interface SourceListener {

  /**
   * Records of one lane, in order.
   *
   * @param records the engine's from here on
   */
  void records(Lane lane, List<? extends SourceRecord> records);

  /** Everything of this lane was told and nothing will follow: a shard that was split or merged. */
  void ended(Lane lane);

  /**
   * The place to read from is gone. The lane stands still until the engine calls {@link
   * Source#read}.
   *
   * @param earliest the earliest place left
   * @param first the message there; null where there is none, or it is not known
   */
  void removed(Lane lane, Place earliest, @Nullable Position first);

  /**
   * This member has the lane now, and reads nothing of it before the engine calls {@link
   * Source#read}.
   *
   * @param cursor as stored; null where the group has none there
   */
  void assigned(Lane lane, @Nullable StoredCursor cursor);

  /**
   * The lane is to go to another member and is still ours: the engine stops handing out, waits for
   * what runs, commits, and then calls {@link GroupSource#release}.
   */
  void revoking(Lane lane);

  /** The lane is another's already: nothing of it may be committed any more. */
  void lost(Lane lane);

  /**
   * For clients whose callback holds a lane only until it returns: does the engine's work until
   * every revoking lane is released, at most this long. During it, {@link GroupSource#commit} must
   * work.
   *
   * @return whether all were released; else the source takes the rest as lost
   */
  boolean awaitReleases(Duration limit);
}
