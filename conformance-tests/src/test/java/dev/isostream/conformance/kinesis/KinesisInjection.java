package dev.isostream.conformance.kinesis;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.kinesis.model.GetRecordsRequest;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.GetShardIteratorRequest;
import software.amazon.awssdk.services.kinesis.model.GetShardIteratorResponse;
import software.amazon.awssdk.services.kinesis.model.InvalidArgumentException;
import software.amazon.awssdk.services.kinesis.model.ListShardsRequest;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequest;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResultEntry;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardRequest;

/**
 * What the services are documented to do and the emulators don't, done to every client of this JVM
 * by the SDK's own means (it finds this class by a file on the class path): records refused within
 * a request, throttling, iterators that expire, retention, the end of a subscription to a shard
 * that was closed.
 *
 * <p>What is refused does not arrive: it is taken out of the request before that is sent.
 */
public final class KinesisInjection implements ExecutionInterceptor {

  /** Judges requests; throws what the service would answer, or returns. */
  public interface Fault {
    void judge(SdkRequest request);
  }

  /** Which records of a request the service refuses. */
  public interface Refusal {

    /** The error's code; null where the record is taken. */
    @Nullable String of(String stream, PutRecordsRequestEntry record);
  }

  /** What the service answers with, changed. */
  public interface Change {
    SdkResponse of(SdkRequest request, SdkResponse response);
  }

  /** Judges what a subscription brings, part by part. */
  public interface Tap {

    /**
     * Returns where the part passes.
     *
     * @return false where the subscription ends in good order before it
     * @throws RuntimeException what it ends with, where that is not in good order
     */
    boolean passes(SubscribeToShardRequest request);
  }

  private static final ExecutionAttribute<List<String>> REFUSED =
      new ExecutionAttribute<>("isostream-test-refused");

  private static final List<Fault> FAULTS = new CopyOnWriteArrayList<>();
  private static final List<Refusal> REFUSALS = new CopyOnWriteArrayList<>();
  private static final List<Change> CHANGES = new CopyOnWriteArrayList<>();
  private static final List<Tap> TAPS = new CopyOnWriteArrayList<>();

  /** The lowest number left, by stream and shard. */
  private static final Map<String, BigInteger> TRIMMED = new ConcurrentHashMap<>();

  /** Stream and shard of those that are known to be closed. */
  private static final Set<String> CLOSED = ConcurrentHashMap.newKeySet();

  /** Which shard an iterator that was given out is for. */
  private static final Map<String, String> ITERATORS = new ConcurrentHashMap<>();

  /** Made by the SDK. */
  public KinesisInjection() {}

  /** Retention removes what lies before. */
  public static void trim(String stream, String shard, BigInteger earliest) {
    TRIMMED.put(stream + "/" + shard, earliest);
  }

  /** What is done while something is injected. */
  public interface Action {
    void run() throws Exception;
  }

  /** Does something with a fault in place. */
  public static void withFault(Fault fault, Action action) throws Exception {
    with(FAULTS, fault, action);
  }

  /** Does something with records refused. */
  public static void withRefusal(Refusal refusal, Action action) throws Exception {
    with(REFUSALS, refusal, action);
  }

  /** Does something with answers changed. */
  public static void withChange(Change change, Action action) throws Exception {
    with(CHANGES, change, action);
  }

  /** Does something with subscriptions tapped. */
  public static void withTap(Tap tap, Action action) throws Exception {
    with(TAPS, tap, action);
  }

  private static <T> void with(List<T> all, T one, Action action) throws Exception {
    all.add(one);
    try {
      action.run();
    } finally {
      all.remove(one);
    }
  }

  /** An error as the service gives it. */
  public static <B extends software.amazon.awssdk.awscore.exception.AwsServiceException.Builder>
      RuntimeException error(B builder, String code, int status) {
    return builder
        .message("injected")
        .statusCode(status)
        .awsErrorDetails(AwsErrorDetails.builder().errorCode(code).errorMessage("injected").build())
        .build();
  }

  @Override
  public void beforeExecution(
      Context.BeforeExecution context, ExecutionAttributes executionAttributes) {
    SdkRequest request = context.request();
    if (request instanceof GetShardIteratorRequest iterator) {
      refuseTrimmed(iterator);
    }
    FAULTS.forEach(fault -> fault.judge(request));
  }

  private static void refuseTrimmed(GetShardIteratorRequest request) {
    BigInteger earliest = TRIMMED.get(request.streamName() + "/" + request.shardId());
    String number = request.startingSequenceNumber();
    if (earliest != null && number != null && new BigInteger(number).compareTo(earliest) < 0) {
      throw error(InvalidArgumentException.builder(), "InvalidArgumentException", 400);
    }
  }

  @Override
  public SdkRequest modifyRequest(
      Context.ModifyRequest context, ExecutionAttributes executionAttributes) {
    if (REFUSALS.isEmpty() || !(context.request() instanceof PutRecordsRequest request)) {
      return context.request();
    }
    List<String> codes = new ArrayList<>();
    List<PutRecordsRequestEntry> taken = new ArrayList<>();
    for (PutRecordsRequestEntry record : request.records()) {
      String code = "";
      for (Refusal refusal : REFUSALS) {
        String refused = refusal.of(request.streamName(), record);
        code = refused == null ? code : refused;
      }
      codes.add(code);
      if (code.isEmpty()) {
        taken.add(record);
      }
    }
    if (taken.size() == codes.size()) {
      return request;
    }
    if (taken.isEmpty()) {
      // the service takes no empty request; as if it had refused each
      throw error(
          software.amazon.awssdk.services.kinesis.model.ProvisionedThroughputExceededException
              .builder(),
          "ProvisionedThroughputExceededException",
          400);
    }
    executionAttributes.putAttribute(REFUSED, codes);
    return request.toBuilder().records(taken).build();
  }

  @Override
  public void afterExecution(
      Context.AfterExecution context, ExecutionAttributes executionAttributes) {
    if (context.request() instanceof GetShardIteratorRequest request
        && context.response() instanceof GetShardIteratorResponse response) {
      ITERATORS.put(response.shardIterator(), request.streamName() + "/" + request.shardId());
    }
    if (context.request() instanceof ListShardsRequest request
        && context.response() instanceof ListShardsResponse response) {
      response.shards().stream()
          .filter(shard -> shard.sequenceNumberRange().endingSequenceNumber() != null)
          .forEach(shard -> CLOSED.add(request.streamName() + "/" + shard.shardId()));
    }
  }

  @Override
  public Optional<Publisher<ByteBuffer>> modifyAsyncHttpResponseContent(
      Context.ModifyHttpResponse context, ExecutionAttributes executionAttributes) {
    Optional<Publisher<ByteBuffer>> parts = context.responsePublisher();
    return context.request() instanceof SubscribeToShardRequest request
        ? parts.map(publisher -> to -> publisher.subscribe(new Tapped(request, to)))
        : parts;
  }

  /** The service ends subscriptions to shards that are closed; whoever reads on finds the end. */
  private static boolean passes(SubscribeToShardRequest request) {
    String stream = request.consumerARN().split("/", -1)[1];
    boolean passes = !CLOSED.contains(stream + "/" + request.shardId());
    for (Tap tap : TAPS) {
      passes &= tap.passes(request);
    }
    return passes;
  }

  /** Hands on what passes. Called by one thread at a time, as any subscriber. */
  private static final class Tapped implements Subscriber<ByteBuffer> {
    private final SubscribeToShardRequest request;
    private final Subscriber<? super ByteBuffer> to;
    private @Nullable Subscription from;
    private boolean ended;

    Tapped(SubscribeToShardRequest request, Subscriber<? super ByteBuffer> to) {
      this.request = request;
      this.to = to;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      from = subscription;
      to.onSubscribe(subscription);
    }

    @Override
    public void onNext(ByteBuffer part) {
      if (ended) {
        return;
      }
      try {
        if (passes(request)) {
          to.onNext(part);
        } else {
          end(to::onComplete);
        }
      } catch (RuntimeException e) {
        end(() -> to.onError(e));
      }
    }

    private void end(Runnable telling) {
      ended = true;
      if (from != null) {
        from.cancel();
      }
      telling.run();
    }

    @Override
    public void onError(Throwable failure) {
      if (!ended) {
        to.onError(failure);
      }
    }

    @Override
    public void onComplete() {
      if (!ended) {
        to.onComplete();
      }
    }
  }

  @Override
  public SdkResponse modifyResponse(
      Context.ModifyResponse context, ExecutionAttributes executionAttributes) {
    SdkResponse response = context.response();
    List<String> codes = executionAttributes.getAttribute(REFUSED);
    if (codes != null && response instanceof PutRecordsResponse put) {
      response = withRefused(put, codes);
    }
    if (response instanceof GetRecordsResponse got
        && context.request() instanceof GetRecordsRequest asked) {
      response = withoutTrimmed(asked, got);
    }
    for (Change change : CHANGES) {
      response = change.of(context.request(), response);
    }
    return response;
  }

  private static PutRecordsResponse withRefused(PutRecordsResponse response, List<String> codes) {
    List<PutRecordsResultEntry> results = new ArrayList<>();
    int next = 0;
    for (String code : codes) {
      results.add(
          code.isEmpty()
              ? response.records().get(next++)
              : PutRecordsResultEntry.builder().errorCode(code).errorMessage("injected").build());
    }
    return response.toBuilder()
        .records(results)
        .failedRecordCount((int) codes.stream().filter(code -> !code.isEmpty()).count())
        .build();
  }

  private static GetRecordsResponse withoutTrimmed(
      GetRecordsRequest request, GetRecordsResponse response) {
    String shard = ITERATORS.get(request.shardIterator());
    String next = response.nextShardIterator();
    if (shard == null) {
      return response;
    }
    if (next != null) {
      ITERATORS.put(next, shard);
    }
    BigInteger earliest = TRIMMED.get(shard);
    if (earliest == null) {
      return response;
    }
    List<Record> left =
        response.records().stream()
            .filter(record -> new BigInteger(record.sequenceNumber()).compareTo(earliest) >= 0)
            .toList();
    if (left.size() == response.records().size()) {
      return response;
    }
    // behind what was removed there is something left, or the end
    return response.toBuilder()
        .records(left)
        .millisBehindLatest(
            left.isEmpty() && next != null
                ? Math.max(1, response.millisBehindLatest())
                : response.millisBehindLatest())
        .build();
  }
}
