package dev.isostream.conformance.defect;

import dev.isostream.ClosedException;
import dev.isostream.Header;
import dev.isostream.Headers;
import dev.isostream.InvalidRequestException;
import dev.isostream.LimitExceededException;
import dev.isostream.Message;
import dev.isostream.Receipt;
import dev.isostream.SendFailedException;
import dev.isostream.spi.Sink;
import dev.isostream.spi.SinkRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Broken ways to publish. */
// arguments and results come without their types, so a stage given on looks like one ignored
@SuppressWarnings({"unchecked", "FutureReturnValueIgnored"})
final class PublishDefects {

  private PublishDefects() {}

  static List<Defect> all() {
    return List.of(
        receiptPointsBehind(),
        swapsWhileRetrying(),
        neverTellsOfFailure(),
        deniesMaybeStored(),
        takesEqualForCopies(),
        unbounded(),
        trySendBlocks(),
        emptiesNullHeaders(),
        refusesLate(),
        flushesEarly(),
        forgetsDeadLetters(),
        batchFailsTogether());
  }

  private static Defect receiptPointsBehind() {
    return Defect.of("receipt-points-behind", "P1", "the receipt's position is the message's")
        .and("D6", "the headers say where it came from")
        .byEngine(
            real ->
                Api.of(real)
                    .producer(
                        () ->
                            Map.of(
                                "send",
                                call ->
                                    stage(call).thenApply(receipt -> behind((Receipt) receipt))))
                    .messaging());
  }

  private static Receipt behind(Receipt receipt) {
    return Advice.instead(
        Receipt.class,
        receipt,
        Map.of("position", call -> receipt.position().thenApply(p -> p.withWords(p.word(0) + 1))));
  }

  /** Sends what waited behind a retry in the wrong order. */
  private static Defect swapsWhileRetrying() {
    return Defect.of("swaps-while-retrying", "P2", "each key in the order of the calls")
        .byDriver(real -> Parts.of(real).sink(PublishDefects::swapping).driver());
  }

  private static Sink swapping(Sink real) {
    List<SinkRecord> held = new ArrayList<>();
    int[] undecided = {0};
    long[] sequence = {0};
    return Advice.instead(
        Sink.class,
        real,
        Map.of(
            "append",
            call -> {
              List<SinkRecord> now = new ArrayList<>();
              synchronized (held) {
                List<SinkRecord> given = call.arg(0, List.class);
                if (undecided[0] > 0) {
                  held.addAll(given);
                  return null;
                }
                now.addAll(given);
                undecided[0] += now.size();
              }
              List<SinkRecord> counted = new ArrayList<>();
              now.forEach(record -> counted.add(counted(record, real, held, undecided, sequence)));
              return call.with(counted);
            }));
  }

  private static SinkRecord counted(
      SinkRecord record, Sink sink, List<SinkRecord> held, int[] undecided, long[] sequence) {
    long own;
    synchronized (held) {
      own = sequence[0]++;
    }
    Advice decided =
        call -> {
          Object result = call.proceed();
          List<SinkRecord> next = new ArrayList<>();
          synchronized (held) {
            undecided[0]--;
            if (undecided[0] > 0 || held.isEmpty()) {
              return result;
            }
            if (held.size() >= 30) {
              Collections.reverse(held);
            }
            next.addAll(held);
            held.clear();
            undecided[0] += next.size();
          }
          sink.append(next.stream().map(r -> counted(r, sink, held, undecided, sequence)).toList());
          return result;
        };
    return Advice.instead(
        SinkRecord.class,
        record,
        Map.of("sequence", call -> own, "stored", decided, "failed", decided));
  }

  private static Defect neverTellsOfFailure() {
    return Defect.of("never-tells-of-failure", "P3", "each send is decided by its delivery timeout")
        .and("P8", "close fails what is undecided at its limit | nothing before that flush was")
        .and("E1", "a send that can't reach the broker fails")
        .byEngine(
            real ->
                Api.of(real)
                    .producer(() -> Map.of("send", call -> successOnly(stage(call))))
                    .messaging());
  }

  private static CompletableFuture<Object> successOnly(CompletableFuture<Object> stage) {
    CompletableFuture<Object> told = new CompletableFuture<>();
    var unused =
        stage.whenComplete(
            (receipt, failure) -> {
              if (failure == null) {
                told.complete(receipt);
              } else if (!(cause(failure) instanceof SendFailedException)) {
                told.completeExceptionally(failure);
              }
            });
    return told;
  }

  private static Defect deniesMaybeStored() {
    return Defect.of(
            "denies-maybe-stored",
            "P3",
            "what a silent broker was given may be stored | that failed as not stored")
        .and("P8", "what close failed may be stored, and says so")
        .byEngine(
            real ->
                Api.of(real)
                    .producer(
                        () ->
                            Map.of(
                                "send",
                                call ->
                                    failing(
                                        stage(call),
                                        failure ->
                                            failure instanceof SendFailedException send
                                                ? denied(send)
                                                : failure)))
                    .messaging());
  }

  private static SendFailedException denied(SendFailedException real) {
    return new SendFailedException(
        String.valueOf(real.getMessage()), false, real.isRetriable(), real.getCause());
  }

  /** Leaves out by content what is to be left out by its id. */
  private static Defect takesEqualForCopies() {
    return Defect.of("takes-equal-for-copies", "P4", "what is forwarded twice is there twice")
        .byEngine(
            real -> {
              Map<Object, Object> sent = new ConcurrentHashMap<>();
              return Api.of(real)
                  .producer(
                      () ->
                          Map.of(
                              "send",
                              call -> {
                                Message<?> message = call.arg(0, Message.class);
                                if (!(message.payload() instanceof String payload)) {
                                  return call.proceed();
                                }
                                Object content = List.of(call.real(), payload, message.headers());
                                Object before = sent.get(content);
                                if (before != null) {
                                  return before;
                                }
                                Object stage = stage(call);
                                sent.put(content, stage);
                                return stage;
                              }))
                  .messaging();
            });
  }

  private static Defect unbounded() {
    Advice ignored =
        call ->
            ((Number) Objects.requireNonNull(call.args()[0])).longValue() > 0
                ? call.proxy()
                : call.proceed();
    return Defect.of(
            "unbounded-buffer",
            "P5",
            "a send past the bound fails as one for which there is no room")
        .byEngine(
            real ->
                Api.of(real)
                    .producerBuilder(
                        Map.of("maxInFlightMessages", ignored, "maxInFlightBytes", ignored))
                    .messaging());
  }

  private static Defect trySendBlocks() {
    return Defect.of("try-send-blocks", "P5", "trySend says that there is no room")
        .byEngine(
            real ->
                Api.of(real)
                    .producer(
                        () ->
                            Map.of(
                                "trySend",
                                call ->
                                    Optional.of(
                                        ((dev.isostream.Producer<Object>) call.real())
                                            .send(call.arg(0, Message.class)))))
                    .messaging());
  }

  private static Defect emptiesNullHeaders() {
    return Defect.of("empties-null-headers", "P6", "an absent header value")
        .and("W1", "an absent header value")
        .byDriver(
            real ->
                Parts.of(real)
                    .sink(
                        sink ->
                            Advice.instead(
                                Sink.class,
                                sink,
                                Map.of(
                                    "append",
                                    call ->
                                        call.with(
                                            call.arg(0, List.class).stream()
                                                .map(r -> withoutNulls((SinkRecord) r))
                                                .toList()))))
                    .driver());
  }

  private static SinkRecord withoutNulls(SinkRecord record) {
    List<Header> headers =
        record.headers().asList().stream()
            .map(h -> h.value() == null ? new Header(h.name(), new byte[0]) : h)
            .toList();
    return Advice.instead(SinkRecord.class, record, Map.of("headers", call -> Headers.of(headers)));
  }

  /** Confirms dead letters and stores none. */
  private static Defect forgetsDeadLetters() {
    return Defect.of("forgets-dead-letters", "D6", "dead letter | deliveries to group second")
        .and("D8", "or keeps it twice")
        .and("D9", "dead letters are stored")
        .and("D11", "dead letters are stored")
        .and("P6", "retried and dead-lettered")
        .byDriver(
            real ->
                Parts.of(real)
                    .sink(
                        sink ->
                            Advice.instead(
                                Sink.class,
                                sink,
                                Map.of(
                                    "append",
                                    call -> call.with(keptBack(call.arg(0, List.class))))))
                    .driver());
  }

  private static List<SinkRecord> keptBack(List<SinkRecord> records) {
    List<SinkRecord> rest = new ArrayList<>();
    for (SinkRecord record : records) {
      if (record.headers().asList().stream().anyMatch(h -> h.name().equals("isostream-dead-id"))) {
        record.stored(() -> new CompletableFuture<>());
      } else {
        rest.add(record);
      }
    }
    return rest;
  }

  private static Defect refusesLate() {
    Executor later = CompletableFuture.delayedExecutor(50, TimeUnit.MILLISECONDS);
    return Defect.of("refuses-late", "P7", "is refused: wanted")
        .byEngine(
            real ->
                Api.of(real)
                    .producer(
                        () ->
                            Map.of(
                                "send",
                                call -> {
                                  CompletableFuture<Object> stage = stage(call);
                                  return isRefused(stage) ? delayed(stage, later) : stage;
                                }))
                    .messaging());
  }

  private static boolean isRefused(CompletableFuture<?> stage) {
    if (!stage.isCompletedExceptionally()) {
      return false;
    }
    Throwable cause = cause(stage.handle((done, failure) -> failure).join());
    return cause instanceof LimitExceededException
        || cause instanceof InvalidRequestException
        || cause instanceof ClosedException;
  }

  private static CompletableFuture<Object> delayed(
      CompletableFuture<Object> stage, Executor later) {
    return CompletableFuture.runAsync(() -> {}, later).thenCompose(done -> stage);
  }

  private static Defect flushesEarly() {
    return Defect.of("flushes-early", "P8", "flush completes while sends before it are undecided")
        .byEngine(
            real ->
                Api.of(real)
                    .producer(
                        () -> Map.of("flush", call -> CompletableFuture.completedFuture(null)))
                    .messaging());
  }

  private static Defect batchFailsTogether() {
    return Defect.of("batch-fails-together", "P9", "a message beside a bad one is stored")
        .byEngine(
            real ->
                Api.of(real)
                    .producer(
                        () ->
                            Map.of(
                                "sendAll",
                                call -> {
                                  List<CompletableFuture<Object>> stages =
                                      (List<CompletableFuture<Object>>)
                                          Objects.requireNonNull(call.proceed());
                                  CompletableFuture<?> all =
                                      CompletableFuture.allOf(
                                          stages.toArray(CompletableFuture[]::new));
                                  return stages.stream()
                                      .map(stage -> all.thenCompose(done -> stage))
                                      .toList();
                                }))
                    .messaging());
  }

  private static CompletableFuture<Object> stage(Advice.Call call) throws Throwable {
    return (CompletableFuture<Object>) Objects.requireNonNull(call.proceed());
  }

  private interface Translation {
    Throwable of(Throwable failure);
  }

  private static CompletableFuture<Object> failing(
      CompletableFuture<Object> stage, Translation translation) {
    return stage
        .handle(
            (receipt, failure) ->
                failure == null
                    ? CompletableFuture.completedFuture(receipt)
                    : CompletableFuture.failedFuture(translation.of(cause(failure))))
        .thenCompose(done -> (CompletionStage<Object>) done);
  }

  private static Throwable cause(@Nullable Throwable failure) {
    return dev.isostream.conformance.scene.Scene.unwrapped(Objects.requireNonNull(failure));
  }
}
