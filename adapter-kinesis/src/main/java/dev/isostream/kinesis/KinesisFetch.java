package dev.isostream.kinesis;

import dev.isostream.spi.ErrorKind;
import java.math.BigInteger;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.GetShardIteratorRequest;
import software.amazon.awssdk.services.kinesis.model.GetShardIteratorResponse;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;

/**
 * One read of one shard: an iterator where there is none yet, then the records. Stateless.
 *
 * <p>A sequence number that the service does not know (removed, or never there) leads to the trim
 * horizon; whoever asked judges by the first record then.
 */
final class KinesisFetch {

  private KinesisFetch() {}

  /**
   * What came of it.
   *
   * @param fromHorizon whether it began there for want of the place
   */
  record Result(GetRecordsResponse answer, boolean fromHorizon) {}

  /** From an iterator at hand. */
  static CompletableFuture<Result> next(KinesisAsyncClient client, String iterator, int limit) {
    return client
        .getRecords(r -> r.shardIterator(iterator).limit(limit))
        .thenApply(answer -> new Result(answer, false));
  }

  /** From the record that this is in, that one included; from the beginning where it is none. */
  static CompletableFuture<Result> from(
      KinesisAsyncClient client,
      String stream,
      String shard,
      BigInteger sequence,
      boolean fromHorizon,
      int limit) {
    if (sequence.signum() == 0 || fromHorizon) {
      return horizon(client, stream, shard)
          .thenCompose(i -> next(client, i, limit))
          .thenApply(result -> new Result(result.answer, fromHorizon));
    }
    return iterator(
            client,
            request(stream, shard)
                .shardIteratorType(ShardIteratorType.AT_SEQUENCE_NUMBER)
                .startingSequenceNumber(sequence.toString())
                .build())
        .thenCompose(i -> next(client, i, limit))
        .exceptionallyCompose(
            failure ->
                isUnknown(failure)
                    ? from(client, stream, shard, sequence, true, limit)
                    : CompletableFuture.failedFuture(failure));
  }

  /** From behind a sequence number that the service named. */
  static CompletableFuture<Result> after(
      KinesisAsyncClient client, String stream, String shard, BigInteger sequence, int limit) {
    return iterator(
            client,
            request(stream, shard)
                .shardIteratorType(ShardIteratorType.AFTER_SEQUENCE_NUMBER)
                .startingSequenceNumber(sequence.toString())
                .build())
        .thenCompose(i -> next(client, i, limit));
  }

  /** The service says so of numbers that it has no longer; a missing stream shows soon enough. */
  static boolean isUnknown(@Nullable Throwable failure) {
    Throwable bare = KinesisErrors.bare(failure);
    ErrorKind kind = bare == null ? ErrorKind.UNKNOWN : KinesisErrors.kind(bare);
    return kind == ErrorKind.TOPIC_NOT_FOUND || kind == ErrorKind.INVALID;
  }

  static CompletableFuture<String> horizon(KinesisAsyncClient client, String stream, String shard) {
    return iterator(
        client, request(stream, shard).shardIteratorType(ShardIteratorType.TRIM_HORIZON).build());
  }

  static GetShardIteratorRequest.Builder request(String stream, String shard) {
    return GetShardIteratorRequest.builder().streamName(stream).shardId(shard);
  }

  static CompletableFuture<String> iterator(
      KinesisAsyncClient client, GetShardIteratorRequest request) {
    return client.getShardIterator(request).thenApply(GetShardIteratorResponse::shardIterator);
  }
}
