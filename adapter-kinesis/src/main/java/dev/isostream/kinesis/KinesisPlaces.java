package dev.isostream.kinesis;

import dev.isostream.kinesis.KinesisRecords.Content;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Place;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.GetShardIteratorResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/**
 * Finds places in shards by reading. Thread-safe. Blocks: never; each request is bounded, and there
 * are as many as it takes.
 */
final class KinesisPlaces {

  /** Arrival times may run so far backwards within a shard. */
  static final Duration SKEW = Duration.ofSeconds(5);

  /** How far back the last record is looked for, at first, and how much farther each time. */
  private static final Duration FIRST_LOOK = Duration.ofSeconds(2);

  private static final int FARTHER = 32;

  /** The service tells its time in whole ones. */
  private static final Duration SECOND = Duration.ofSeconds(1);

  private static final Duration FARTHEST_LOOK = Duration.ofDays(366);
  private static final int PAGE = 1000;

  private final KinesisAsyncClient client;
  private final KinesisStream stream;
  private final KinesisShards shards;

  KinesisPlaces(KinesisAsyncClient client, KinesisStream stream, KinesisShards shards) {
    this.client = client;
    this.stream = stream;
    this.shards = shards;
  }

  CompletableFuture<Map<String, Place>> locate(Map<String, Place> places) {
    CompletableFuture<Map<String, Place>> all = CompletableFuture.completedFuture(new HashMap<>());
    for (Map.Entry<String, Place> each : places.entrySet()) {
      String shard = each.getKey();
      if (shards.get(shard) == null) {
        return CompletableFuture.failedFuture(
            KinesisErrors.of(
                ErrorKind.INVALID,
                "Looking for a place in shard \"" + shard + "\" of topic \"" + stream.name() + "\"",
                null));
      }
      all =
          all.thenCombine(
              locate(shard, each.getValue()),
              (found, place) -> {
                found.put(shard, place);
                return found;
              });
    }
    return all;
  }

  private CompletableFuture<Place> locate(String shard, Place place) {
    if (place instanceof Place.Earliest) {
      return earliest(shard);
    }
    if (place instanceof Place.Latest) {
      return latest(shard);
    }
    return place instanceof Place.Since since
        ? since(shard, since.timestamp())
        : CompletableFuture.completedFuture(place);
  }

  // ---- the first one

  private CompletableFuture<Place> earliest(String shard) {
    return KinesisFetch.horizon(client, stream.name(), shard)
        .thenCompose(iterator -> first(shard, iterator));
  }

  private CompletableFuture<Place> first(String shard, String iterator) {
    return records(iterator, 1)
        .thenCompose(
            answer -> {
              if (!answer.records().isEmpty()) {
                return CompletableFuture.completedFuture(
                    new Place.At(
                        stream.position(
                            shard, new KinesisId(sequence(answer.records().get(0)), 0))));
              }
              String next = answer.nextShardIterator();
              return isAtTip(answer) || next == null
                  ? CompletableFuture.completedFuture(Place.Origin.INSTANCE)
                  : first(shard, next);
            });
  }

  private CompletableFuture<GetRecordsResponse> records(String iterator, int limit) {
    return client.getRecords(r -> r.shardIterator(iterator).limit(limit));
  }

  private static boolean isAtTip(GetRecordsResponse answer) {
    return answer.nextShardIterator() == null
        || answer.millisBehindLatest() == null
        || answer.millisBehindLatest() == 0;
  }

  private static BigInteger sequence(Record record) {
    return new BigInteger(record.sequenceNumber());
  }

  // ---- by time

  private CompletableFuture<Place> since(String shard, Instant from) {
    return at(shard, from.minus(SKEW))
        .thenCompose(
            iterator -> iterator == null ? latest(shard) : firstSince(shard, iterator, from, null));
  }

  private CompletableFuture<Place> firstSince(
      String shard, String iterator, Instant from, @Nullable Place last) {
    return records(iterator, PAGE)
        .thenCompose(
            answer -> {
              Place end = last;
              for (Record each : answer.records()) {
                if (!each.approximateArrivalTimestamp().isBefore(from)) {
                  return CompletableFuture.completedFuture(
                      new Place.At(stream.position(shard, new KinesisId(sequence(each), 0))));
                }
                end = behind(shard, each);
              }
              String next = answer.nextShardIterator();
              if (next != null && !isAtTip(answer)) {
                return firstSince(shard, next, from, end);
              }
              return end == null ? latest(shard) : CompletableFuture.completedFuture(end);
            });
  }

  private Place behind(String shard, Record record) {
    Content content = KinesisRecords.content(stream, shard, null, record);
    long last = Math.max(0, content.all() - 1L);
    return new Place.After(stream.position(shard, new KinesisId(sequence(record), last)));
  }

  /** An iterator at this time; null where that is to come. */
  private CompletableFuture<@Nullable String> at(String shard, Instant time) {
    return client
        .getShardIterator(
            KinesisFetch.request(stream.name(), shard)
                .shardIteratorType(ShardIteratorType.AT_TIMESTAMP)
                .timestamp(time.isBefore(Instant.EPOCH) ? Instant.EPOCH : time)
                .build())
        .handle(
            (answer, failure) -> {
              if (answer != null) {
                return answer.shardIterator();
              }
              Throwable bare = KinesisErrors.bare(failure);
              if (bare != null && KinesisErrors.kind(bare) == ErrorKind.INVALID) {
                return null;
              }
              throw KinesisErrors.translate(
                  "Looking for a place in topic \"" + stream.name() + "\"", failure);
            });
  }

  // ---- the last one

  /**
   * No call tells the end. What was put of late is read up to the tip; where that is nothing, what
   * was put before, farther back each time.
   */
  private CompletableFuture<Place> latest(String shard) {
    return client
        .getShardIterator(
            KinesisFetch.request(stream.name(), shard)
                .shardIteratorType(ShardIteratorType.LATEST)
                .build())
        .thenCompose(answer -> last(shard, now(answer), FIRST_LOOK));
  }

  /** Reads to the tip what was put at most so long ago, and a little of what was put before. */
  CompletableFuture<Void> readSince(String shard, Duration ago, Consumer<Record> reader) {
    return client
        .getShardIterator(
            KinesisFetch.request(stream.name(), shard)
                .shardIteratorType(ShardIteratorType.LATEST)
                .build())
        .thenCompose(answer -> at(shard, now(answer).minus(ago).minus(SKEW).minus(SECOND)))
        .thenCompose(
            iterator ->
                iterator == null
                    ? CompletableFuture.completedFuture(null)
                    : readAll(iterator, reader));
  }

  private CompletableFuture<Void> readAll(String iterator, Consumer<Record> reader) {
    return records(iterator, PAGE)
        .thenCompose(
            answer -> {
              answer.records().forEach(reader);
              String next = answer.nextShardIterator();
              return next == null || isAtTip(answer)
                  ? CompletableFuture.completedFuture(null)
                  : readAll(next, reader);
            });
  }

  /** By the service's clock, in whole seconds. */
  private static Instant now(GetShardIteratorResponse answer) {
    return answer
        .sdkHttpResponse()
        .firstMatchingHeader("Date")
        .map(date -> Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date)))
        .orElse(Instant.EPOCH);
  }

  private CompletableFuture<Place> last(String shard, Instant now, Duration back) {
    Instant from = now.minus(back);
    boolean all = from.isBefore(stream.created()) || back.compareTo(FARTHEST_LOOK) > 0;
    CompletableFuture<@Nullable String> iterator =
        all
            ? KinesisFetch.horizon(client, stream.name(), shard).thenApply(found -> found)
            : at(shard, from);
    return iterator.thenCompose(
        found ->
            found == null
                ? last(shard, now, back.multipliedBy(FARTHER))
                : lastFrom(shard, found, null)
                    .thenCompose(
                        end -> {
                          if (end == null && !all) {
                            return last(shard, now, back.multipliedBy(FARTHER));
                          }
                          return CompletableFuture.completedFuture(
                              end == null ? Place.Origin.INSTANCE : end);
                        }));
  }

  private CompletableFuture<@Nullable Place> lastFrom(
      String shard, String iterator, @Nullable Place before) {
    return records(iterator, PAGE)
        .thenCompose(
            answer -> {
              List<Record> records = answer.records();
              Place end =
                  records.isEmpty() ? before : behind(shard, records.get(records.size() - 1));
              String next = answer.nextShardIterator();
              return next == null || isAtTip(answer)
                  ? CompletableFuture.completedFuture(end)
                  : lastFrom(shard, next, end);
            });
  }
}
