package dev.isostream.redis;

import dev.isostream.spi.Place;
import dev.isostream.spi.SourceRecord;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What passes between a source, which owns its lanes, and its fetchers. Immutable. */
final class RedisFetches {

  private RedisFetches() {}

  /** What is asked for of one lane. */
  record Asked(
      Held lane,
      int generation,
      @Nullable Place opening,
      RedisId fetched,
      long ordinal,
      boolean groupWanted,
      @Nullable RedisId delivered,
      Set<RedisId> pending) {

    static Asked of(Held lane, boolean isMember) {
      return new Asked(
          lane,
          lane.generation,
          lane.opening,
          lane.fetched,
          lane.ordinal,
          isMember && !lane.groupKnown,
          lane.delivered,
          lane.pending);
    }
  }

  /**
   * What was found of one lane.
   *
   * @param start where reading began, if that was looked at now
   * @param fetched everything up to here was looked at
   * @param ordinal as {@link Held#ordinal}
   * @param gone where to go on, if the place was gone
   * @param first what is there
   */
  record Found(
      Asked asked,
      @Nullable RedisId start,
      RedisId fetched,
      long ordinal,
      List<SourceRecord> records,
      @Nullable RedisId delivered,
      Set<RedisId> pending,
      @Nullable Place gone,
      @Nullable RedisId first) {}

  /** What one fetch brought. */
  record Fetched(
      RedisFetcher from,
      List<Asked> asked,
      List<Found> found,
      @Nullable RuntimeException failure) {}
}
