package dev.isostream.kinesis;

import dev.isostream.Position;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Place;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ListShardsRequest;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.StreamDescriptionSummary;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/**
 * A stream as it was when something was opened on it.
 *
 * @param arn its name for calls about its registered consumers
 * @param created when, by the service's clock; a stream made anew has another
 */
record KinesisStream(String name, String arn, Instant created, StreamStatus status) {

  private static final int PAGE = 1000;
  private static final int MOST_PAGES = 100;

  /** Looks for a stream. Blocks. Fails: as the client does. */
  static KinesisStream find(KinesisAsyncClient client, String name) {
    StreamDescriptionSummary found =
        KinesisClients.await(client.describeStreamSummary(r -> r.streamName(name)))
            .streamDescriptionSummary();
    if (found.streamStatus() == StreamStatus.DELETING) {
      throw KinesisErrors.of(ErrorKind.TOPIC_NOT_FOUND, "Looking for topic \"" + name + "\"", null);
    }
    return new KinesisStream(
        name, found.streamARN(), found.streamCreationTimestamp(), found.streamStatus());
  }

  static CompletableFuture<KinesisShards> shards(KinesisAsyncClient client, String name) {
    return page(
            client,
            ListShardsRequest.builder().streamName(name).maxResults(PAGE).build(),
            new ArrayList<>(),
            0)
        .thenApply(KinesisShards::new);
  }

  private static CompletableFuture<List<Shard>> page(
      KinesisAsyncClient client, ListShardsRequest request, List<Shard> found, int pages) {
    return client
        .listShards(request)
        .thenCompose(
            answer -> {
              found.addAll(answer.shards());
              String next = answer.nextToken();
              if (next == null || pages >= MOST_PAGES) {
                return CompletableFuture.completedFuture(found);
              }
              return page(
                  client,
                  ListShardsRequest.builder().nextToken(next).maxResults(PAGE).build(),
                  found,
                  pages + 1);
            });
  }

  /** Tells this stream from others of its name. */
  String incarnation() {
    return Long.toString(created.toEpochMilli(), Character.MAX_RADIX).toLowerCase(Locale.ROOT);
  }

  Position position(String shard, KinesisId id) {
    return Position.of("kinesis", name, shard, incarnation(), id.words());
  }

  /**
   * Whether a place lies in this stream, and is none that Kinesis can't have made (contract E5).
   */
  boolean holds(Place place) {
    Position position = position(place);
    return position == null
        || (KinesisId.isPossible(position)
            && (position.incarnation() == null || incarnation().equals(position.incarnation())));
  }

  static @Nullable Position position(Place place) {
    if (place instanceof Place.At at) {
      return at.position();
    }
    return place instanceof Place.After after ? after.position() : null;
  }
}
