package dev.isostream.kinesis;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.core.retry.backoff.FixedDelayBackoffStrategy;
import software.amazon.awssdk.core.waiters.Waiter;
import software.amazon.awssdk.core.waiters.WaiterAcceptor;
import software.amazon.awssdk.core.waiters.WaiterOverrideConfiguration;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.dynamodb.waiters.DynamoDbAsyncWaiter;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ConsumerStatus;
import software.amazon.awssdk.services.kinesis.model.DescribeStreamConsumerResponse;
import software.amazon.awssdk.services.kinesis.model.LimitExceededException;
import software.amazon.awssdk.services.kinesis.waiters.KinesisAsyncWaiter;

/**
 * Waits for what the services do after they have answered, by the SDK's own waiters, which ask
 * again and again. Thread-safe. Blocks: for the request timeout at most.
 */
final class KinesisWaiting implements AutoCloseable {

  private static final Duration BETWEEN = Duration.ofMillis(150);

  private final KinesisAsyncClient kinesis;
  private final WaiterOverrideConfiguration often;
  private final KinesisAsyncWaiter streams;
  private final DynamoDbAsyncWaiter tables;

  @SuppressWarnings("deprecation") // the strategy that replaces it is not public
  KinesisWaiting(KinesisAsyncClient kinesis, DynamoDbAsyncClient dynamoDb, Duration limit) {
    this.kinesis = kinesis;
    this.often =
        WaiterOverrideConfiguration.builder()
            .backoffStrategy(FixedDelayBackoffStrategy.create(BETWEEN))
            .maxAttempts(Integer.MAX_VALUE)
            .waitTimeout(limit)
            .build();
    this.streams =
        KinesisAsyncWaiter.builder().client(kinesis).overrideConfiguration(often).build();
    this.tables =
        DynamoDbAsyncWaiter.builder().client(dynamoDb).overrideConfiguration(often).build();
  }

  void untilStreamServes(String name) {
    await(streams.waitUntilStreamExists(r -> r.streamName(name)));
  }

  void untilStreamIsGone(String name) {
    await(streams.waitUntilStreamNotExists(r -> r.streamName(name)));
  }

  void untilTableServes(String name) {
    await(tables.waitUntilTableExists(r -> r.tableName(name)));
  }

  /** The SDK has no waiter of its own for this one. */
  void untilConsumerServes(String arn) {
    var unused =
        Waiter.builder(DescribeStreamConsumerResponse.class)
            .overrideConfiguration(often)
            .addAcceptor(WaiterAcceptor.successOnResponseAcceptor(KinesisWaiting::serves))
            .addAcceptor(WaiterAcceptor.retryOnResponseAcceptor(answer -> true))
            .addAcceptor(
                WaiterAcceptor.retryOnExceptionAcceptor(e -> e instanceof LimitExceededException))
            .build()
            .run(
                () ->
                    KinesisClients.await(kinesis.describeStreamConsumer(r -> r.consumerARN(arn))));
  }

  private static boolean serves(DescribeStreamConsumerResponse answer) {
    return answer.consumerDescription().consumerStatus() == ConsumerStatus.ACTIVE;
  }

  private static void await(CompletableFuture<?> done) {
    var unused = KinesisClients.await(done);
  }

  @Override
  public void close() {
    streams.close();
    tables.close();
  }
}
