package dev.isostream.redis;

import dev.isostream.Position;
import dev.isostream.spi.Place;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a stream holds.
 *
 * @param first the first entry's id; null where there is none
 * @param last the last entry's
 * @param generated the last id ever given out
 * @param deleted the greatest id that was deleted by name
 * @param added how many entries there ever were
 * @param length how many are left
 * @param there whether the id that was asked for is
 * @param following the first entry from there on
 */
record RedisBounds(
    @Nullable RedisId first,
    @Nullable RedisId last,
    RedisId generated,
    RedisId deleted,
    long added,
    long length,
    boolean there,
    @Nullable RedisId following) {

  static RedisBounds of(@Nullable Object reply) {
    List<@Nullable Object> all = RedisReply.list(reply);
    return new RedisBounds(
        RedisReply.idOrNull(all.get(0)),
        RedisReply.idOrNull(all.get(1)),
        RedisId.parse(RedisReply.bytes(all.get(2))),
        RedisId.parse(RedisReply.bytes(all.get(3))),
        RedisReply.number(all.get(4)),
        RedisReply.number(all.get(5)),
        RedisReply.number(all.get(6)) == 1,
        RedisReply.idOrNull(all.get(7)));
  }

  /** Whether the entry that was asked for was there once, as far as can be told. */
  boolean lacks(RedisId id) {
    return !there
        && id.compareTo(generated) <= 0
        && (first == null || first.compareTo(id) > 0 || id.compareTo(deleted) <= 0);
  }

  /** Whether the place names an entry that never was. */
  boolean isBefore(Place place) {
    Position named =
        place instanceof Place.At at
            ? at.position()
            : place instanceof Place.After after ? after.position() : null;
    return named != null && generated.compareTo(RedisId.of(named)) < 0;
  }

  /** Whether entries behind this one are gone that nobody read. */
  boolean hasLost(RedisId id, long ordinal) {
    boolean isGone = first == null ? id.compareTo(generated) < 0 : first.compareTo(id) > 0;
    return isGone && (ordinal < 0 || added - length > ordinal);
  }

  /** As {@link #hasLost(RedisId, long)}, where this one was read as the next. */
  boolean hasLost(RedisId id, long ordinal, RedisId next) {
    // once what follows is gone too, the count can't tell any more: better a gap that is empty
    boolean isCounted = first != null && first.compareTo(next) <= 0;
    return !isCounted || hasLost(id, ordinal);
  }

  /** How many entries there ever were up to this one; what was known where that can't be told. */
  long ordinal(RedisId id, long known) {
    if (id.compareTo(generated) >= 0) {
      return added;
    }
    if (known >= 0) {
      return known;
    }
    boolean isStart = first != null && deleted.compareTo(first) < 0 && id.compareTo(first) <= 0;
    return isStart ? added - length + (id.equals(first) ? 1 : 0) : -1;
  }

  /** Behind the last entry. */
  Place end(RedisTopic topic, int partition) {
    RedisId end = last == null ? generated : last;
    return end.isZero() ? Place.Origin.INSTANCE : new Place.After(topic.position(partition, end));
  }
}
