package dev.isostream.kinesis;

import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsAsyncClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.core.client.config.SdkAdvancedAsyncClientOption;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.auth.StsAssumeRoleCredentialsProvider;

/**
 * The native clients of one driver, over one pool of connections, and one for subscriptions where
 * they are used. Thread-safe.
 *
 * <p>They repeat nothing by themselves: what is tried again, and when, is the engine's business.
 */
final class KinesisClients implements AutoCloseable {

  private static final int CONNECTIONS = 64;
  private static final int EVENT_LOOPS = 2;
  private static final Duration LONGEST_CONNECT = Duration.ofSeconds(10);

  /** A stream has fewer shards. */
  private static final int SUBSCRIPTIONS = 50_000;

  /** The service ends each after five minutes; until then it may wait for room. */
  private static final Duration LONGEST_SUBSCRIPTION = Duration.ofMinutes(6);

  /** What may have come over a subscription before it is asked for, in bytes. */
  private static final int SUBSCRIPTION_WINDOW = 512 << 10;

  private final KinesisConfig config;
  private final Executor blocking;
  private final LongSupplier nanoTime;
  private final SdkEventLoopGroup loops;
  private final SdkAsyncHttpClient http;
  private final @Nullable StsClient sts;
  private final AwsCredentialsProvider credentials;
  private final KinesisAsyncClient kinesis;

  /** Where groups read by enhanced fan-out. */
  private final @Nullable SdkAsyncHttpClient streaming;

  private final @Nullable KinesisAsyncClient subscriptions;
  private final DynamoDbAsyncClient dynamoDb;
  private final KinesisWaiting waiting;

  KinesisClients(KinesisConfig config, Executor blocking, LongSupplier nanoTime) {
    this.config = config;
    this.blocking = blocking;
    this.nanoTime = nanoTime;
    this.loops = SdkEventLoopGroup.builder().numberOfThreads(EVENT_LOOPS).build();
    this.http = http(config, loops, Protocol.HTTP1_1).build();
    this.streaming = config.fanOut() ? streaming(config, loops) : null;
    AwsCredentialsProvider own = ownCredentials(config);
    this.sts = config.get(KinesisProperties.ROLE) == null ? null : sts(config, own);
    this.credentials = sts == null ? own : assumed(config, sts);
    this.kinesis =
        build(KinesisAsyncClient.builder(), config.endpoint(), http, config.requestTimeout())
            .build();
    this.subscriptions =
        streaming == null
            ? null
            : build(
                    KinesisAsyncClient.builder(),
                    config.endpoint(),
                    streaming,
                    LONGEST_SUBSCRIPTION)
                .build();
    this.dynamoDb =
        build(
                DynamoDbAsyncClient.builder(),
                config.dynamoDbEndpoint(),
                http,
                config.requestTimeout())
            .build();
    this.waiting = new KinesisWaiting(kinesis, dynamoDb, config.requestTimeout());
  }

  private static NettyNioAsyncHttpClient.Builder http(
      KinesisConfig config, SdkEventLoopGroup loops, Protocol protocol) {
    Duration timeout = config.requestTimeout();
    Duration connect = timeout.compareTo(LONGEST_CONNECT) < 0 ? timeout : LONGEST_CONNECT;
    TrustManager[] trust = config.trust();
    NettyNioAsyncHttpClient.Builder builder =
        NettyNioAsyncHttpClient.builder()
            .protocol(protocol)
            .maxConcurrency(CONNECTIONS)
            .connectionTimeout(connect)
            .connectionAcquisitionTimeout(timeout)
            .readTimeout(timeout)
            .writeTimeout(timeout)
            .eventLoopGroup(loops);
    if (trust != null) {
      builder.tlsTrustManagersProvider(() -> trust);
    }
    return builder;
  }

  /**
   * For subscriptions: over HTTP/2, as the service wants it; by plain HTTP, which only emulators
   * speak, as any other call. Each has a connection of its own, as what one of them does not take
   * would keep the others of a connection waiting.
   */
  private static SdkAsyncHttpClient streaming(KinesisConfig config, SdkEventLoopGroup loops) {
    boolean plain = config.endpoint().filter(to -> "http".equals(to.getScheme())).isPresent();
    return http(config, loops, plain ? Protocol.HTTP1_1 : Protocol.HTTP2)
        .maxConcurrency(SUBSCRIPTIONS)
        .readTimeout(LONGEST_SUBSCRIPTION)
        .http2Configuration(h -> h.maxStreams(1L).initialWindowSize(SUBSCRIPTION_WINDOW))
        .build();
  }

  private static AwsCredentialsProvider ownCredentials(KinesisConfig config) {
    String id = config.get(KinesisProperties.ACCESS_KEY);
    String secret = config.get(KinesisProperties.SECRET_KEY);
    if (id != null && secret != null) {
      String token = config.get(KinesisProperties.SESSION_TOKEN);
      return StaticCredentialsProvider.create(
          token == null
              ? AwsBasicCredentials.create(id, secret)
              : AwsSessionCredentials.create(id, secret, token));
    }
    String profile = config.get(KinesisProperties.PROFILE);
    return profile == null
        ? DefaultCredentialsProvider.builder().build()
        : ProfileCredentialsProvider.create(profile);
  }

  private static StsClient sts(KinesisConfig config, AwsCredentialsProvider own) {
    return StsClient.builder()
        .region(Region.of(config.region()))
        .credentialsProvider(own)
        .httpClientBuilder(UrlConnectionHttpClient.builder())
        .overrideConfiguration(o -> o.apiCallTimeout(config.requestTimeout()))
        .build();
  }

  private static AwsCredentialsProvider assumed(KinesisConfig config, StsClient sts) {
    String session = config.get(KinesisProperties.ROLE_SESSION);
    return StsAssumeRoleCredentialsProvider.builder()
        .stsClient(sts)
        .refreshRequest(
            r ->
                r.roleArn(config.get(KinesisProperties.ROLE))
                    .roleSessionName(Objects.requireNonNullElse(session, "isostream"))
                    .externalId(config.get(KinesisProperties.ROLE_EXTERNAL_ID)))
        .build();
  }

  private <B extends AwsClientBuilder<B, C> & AwsAsyncClientBuilder<B, C>, C> B build(
      B builder, Optional<URI> endpoint, SdkAsyncHttpClient over, Duration timeout) {
    endpoint.ifPresent(builder::endpointOverride);
    return builder
        .region(Region.of(config.region()))
        .credentialsProvider(credentials)
        .httpClient(over)
        .asyncConfiguration(
            // what is completed here never blocks
            a ->
                a.advancedOption(
                    SdkAdvancedAsyncClientOption.FUTURE_COMPLETION_EXECUTOR, Runnable::run))
        .overrideConfiguration(
            o -> o.retryStrategy(DefaultRetryStrategy.doNotRetry()).apiCallTimeout(timeout));
  }

  KinesisConfig config() {
    return config;
  }

  KinesisAsyncClient kinesis() {
    return kinesis;
  }

  /** What subscribes to shards; only where groups read by enhanced fan-out. */
  KinesisAsyncClient subscriptions() {
    return Objects.requireNonNull(subscriptions, "enhanced fan-out is off");
  }

  DynamoDbAsyncClient dynamoDb() {
    return dynamoDb;
  }

  KinesisWaiting waiting() {
    return waiting;
  }

  long nanoTime() {
    return nanoTime.getAsLong();
  }

  /** Does what blocks on a thread that may. */
  <T> CompletableFuture<T> ask(String doing, Callable<T> task) {
    CompletableFuture<T> done = new CompletableFuture<>();
    try {
      blocking.execute(
          () -> {
            try {
              done.complete(task.call());
            } catch (Exception e) {
              done.completeExceptionally(KinesisErrors.translate(doing, e));
            }
          });
    } catch (RejectedExecutionException e) {
      done.completeExceptionally(KinesisErrors.of(ErrorKind.CLOSED, doing, e));
    }
    return done;
  }

  CompletableFuture<Void> tell(String doing, Runnable task) {
    return ask(
            doing,
            () -> {
              task.run();
              return true;
            })
        .thenAccept(done -> {});
  }

  /**
   * Waits for an answer, which comes within the request timeout.
   *
   * <p>Fails: with what the client failed with.
   */
  static <T> T await(CompletableFuture<T> answer) {
    try {
      return answer.get();
    } catch (ExecutionException e) {
      Throwable bare = KinesisErrors.bare(e);
      if (bare instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(bare);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DriverException(ErrorKind.UNAVAILABLE, "Interrupted while waiting for AWS", e);
    }
  }

  @Override
  public void close() {
    waiting.close();
    kinesis.close();
    dynamoDb.close();
    if (subscriptions != null) {
      subscriptions.close();
    }
    http.close();
    if (streaming != null) {
      streaming.close();
    }
    // not waited for, as the client itself would do: they are quiet for two seconds before they end
    var unused = loops.eventLoopGroup().shutdownGracefully();
    if (sts != null) {
      sts.close();
    }
    if (credentials instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        System.getLogger(KinesisClients.class.getName())
            .log(System.Logger.Level.DEBUG, "closing the credentials", e);
      }
    }
  }
}
