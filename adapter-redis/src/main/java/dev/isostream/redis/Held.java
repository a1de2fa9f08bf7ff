package dev.isostream.redis;

import dev.isostream.spi.Lane;
import dev.isostream.spi.Place;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A lane as it is read. Confined to the source's owner. */
final class Held {

  final Lane lane;
  final int partition;

  /** The lane's name, always the same instance. */
  final String name;

  final byte[] stream;

  /** Counts calls of {@code read}: what was fetched for an earlier one is dropped. */
  int generation;

  /** Whether the engine has said where to read, and the place was not gone. */
  boolean reading;

  boolean paused;

  /** Where to begin, as long as that was not looked at; then null. */
  @Nullable Place opening;

  /** Everything up to here was fetched. */
  RedisId fetched = RedisId.ZERO;

  /** How many entries the stream ever had up to {@link #fetched}; -1 where that is not known. */
  long ordinal = -1;

  /** Everything up to here was told; null before anything is known of the lane. */
  @Nullable RedisId told;

  /** As {@link #ordinal}, up to {@link #told}. */
  long toldOrdinal = -1;

  /** For which generation a fetch is under way; -1 for none. */
  int asked = -1;

  /** Fetched, and not told since the lane was paused. */
  RedisFetches.@Nullable Found waiting;

  // ---- where the lane belongs to a group

  /** Up to here all is settled but {@link #pending}; null where the group was not there. */
  @Nullable RedisId delivered;

  Set<RedisId> pending = Set.of();

  /** Whether {@link #delivered} was asked for. */
  boolean groupKnown;

  Held(Lane lane, int partition, byte[] stream) {
    this.lane = lane;
    this.partition = partition;
    this.name = lane.name();
    this.stream = stream;
  }
}
