package dev.isostream.conformance.defect;

import dev.isostream.Delivery;
import dev.isostream.MessageHandler;
import dev.isostream.Ordering;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.SourceRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Broken orders of handing out. */
@SuppressWarnings({"rawtypes", "unchecked"}) // the payload's type does not matter to any of it
final class OrderDefects {

  private OrderDefects() {}

  static List<Defect> all() {
    return List.of(
        requeuesAtTheEnd(),
        emptyKeyIsNone(),
        silentAboutPartitions(),
        exceedsConcurrency(),
        tenAtATime(),
        partitionOrderByKey(),
        batchFailsTogether(),
        swapsAtConcurrencyOne());
  }

  /** Lets later ones pass a failed one, which is tried again when there is time. */
  private static Defect requeuesAtTheEnd() {
    Executor later = CompletableFuture.delayedExecutor(30, TimeUnit.MILLISECONDS);
    return Defect.of("requeues-at-the-end", "O1", "before every earlier one of its key is settled")
        .byEngine(
            real ->
                Api.of(real)
                    .subscriptionBuilder(
                        Map.of(
                            "handle",
                            call -> {
                              MessageHandler handler = call.arg(0, MessageHandler.class);
                              MessageHandler<?> requeuing =
                                  delivery -> handle(handler, delivery, 1, later);
                              return call.with(requeuing);
                            }))
                    .messaging());
  }

  private static void handle(
      MessageHandler handler, Delivery<?> delivery, int attempt, Executor later)
      throws InterruptedException {
    try {
      handler.handle(
          Api.delivery(
              delivery,
              Map.of(
                  "attempt",
                  call -> attempt,
                  "isSettled",
                  call -> attempt == 1 && delivery.isSettled())));
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      later.execute(
          () -> {
            try {
              handle(handler, delivery, attempt + 1, later);
            } catch (InterruptedException interrupted) {
              Thread.currentThread().interrupt();
            }
          });
    }
  }

  private static Defect emptyKeyIsNone() {
    return Defect.of("empty-key-is-none", "O1", "a message with the empty key comes before")
        .and("P6", "an empty key")
        .and("W2", "an empty key")
        .byDriver(
            real ->
                Parts.of(real)
                    .group(
                        source ->
                            Parts.told(
                                GroupSource.class,
                                source,
                                records -> {
                                  records.replaceAll(OrderDefects::withoutEmptyKey);
                                  return records;
                                }))
                    .driver());
  }

  private static SourceRecord withoutEmptyKey(SourceRecord record) {
    return new AlteredRecord(record) {
      @Override
      public byte @Nullable [] key() {
        byte[] key = super.key();
        return key == null || key.length == 0 ? null : key;
      }
    };
  }

  private static Defect silentAboutPartitions() {
    return Defect.of(
            "silent-about-partitions", "O1", "a change of the number of partitions is told")
        .byEngine(
            real ->
                Api.of(real)
                    .memberBuilder(
                        Map.of(
                            "listener",
                            call ->
                                call.with(
                                    Advice.instead(
                                        dev.isostream.MemberListener.class,
                                        call.arg(0, dev.isostream.MemberListener.class),
                                        Map.of("partitionsChanged", told -> null)))))
                    .messaging());
  }

  private static Defect exceedsConcurrency() {
    return Defect.of("exceeds-concurrency", "O2", "more run at once than the concurrency")
        .byEngine(
            real ->
                Api.of(real)
                    .subscriptionBuilder(
                        Map.of(
                            "concurrency",
                            call -> {
                              int asked = call.arg(0, Integer.class);
                              return call.with(asked + asked / 10);
                            }))
                    .messaging());
  }

  private static Defect tenAtATime() {
    return Defect.of("ten-at-a-time", "O2", "20 keys of one partition run at once")
        .and("G4", "handlers run")
        .byEngine(
            real ->
                Api.of(real)
                    .subscriptionBuilder(
                        Map.of(
                            "handle",
                            call -> {
                              MessageHandler handler = call.arg(0, MessageHandler.class);
                              Semaphore room = new Semaphore(10);
                              MessageHandler<?> bounded =
                                  delivery -> {
                                    room.acquire();
                                    try {
                                      handler.handle(delivery);
                                    } finally {
                                      room.release();
                                    }
                                  };
                              return call.with(bounded);
                            }))
                    .messaging());
  }

  private static Defect partitionOrderByKey() {
    return Defect.of(
            "partition-order-by-key",
            "O3",
            "while an earlier one of its partition is open | each partition has one")
        .and("G10", "a member with another ordering is refused")
        .byEngine(
            real ->
                Api.of(real)
                    .memberBuilder(Map.of("orderBy", call -> call.with(Ordering.KEY)))
                    .messaging());
  }

  /** A nack counts for all that come back with it. */
  private static Defect batchFailsTogether() {
    return Defect.of("nacks-the-batch", "O4", "an attempt is counted for the nacked one only")
        .byEngine(
            real ->
                Api.of(real)
                    .consumer(
                        () ->
                            Map.of(
                                "receiveBatch",
                                call ->
                                    together(
                                        (List<Delivery<?>>)
                                            Objects.requireNonNull(call.proceed()))))
                    .messaging());
  }

  private static List<Delivery<?>> together(List<Delivery<?>> batch) {
    List<Delivery<?>> changed = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      List<Delivery<?>> rest = batch.subList(i + 1, batch.size());
      Delivery<?> own = batch.get(i);
      Advice all =
          call -> {
            for (int j = rest.size() - 1; j >= 0; j--) {
              if (!rest.get(j).isSettled() && sameKey(own, rest.get(j))) {
                var unused = rest.get(j).nack(java.time.Duration.ZERO);
              }
            }
            return call.proceed();
          };
      changed.add(Api.delivery(own, Map.of("nack", all)));
    }
    return changed;
  }

  private static boolean sameKey(Delivery<?> one, Delivery<?> other) {
    return Arrays.equals(one.keyBytes().orElse(null), other.keyBytes().orElse(null));
  }

  /** Handles its first message when another was handled. */
  private static Defect swapsAtConcurrencyOne() {
    return Defect.of("swaps-at-concurrency-one", "O5", "sees each partition in stored order")
        .byEngine(
            real -> {
              AtomicBoolean single = new AtomicBoolean();
              return Api.of(real)
                  .subscriptionBuilder(
                      Map.of(
                          "concurrency",
                          call -> {
                            single.set(call.arg(0, Integer.class) == 1);
                            return single.get() ? call.with(4) : call.proceed();
                          },
                          "handle",
                          call -> {
                            MessageHandler handler = call.arg(0, MessageHandler.class);
                            MessageHandler<?> swapping = swapping(handler);
                            return single.get() ? call.with(swapping) : call.proceed();
                          }))
                  .messaging();
            });
  }

  private static MessageHandler<?> swapping(MessageHandler handler) {
    AtomicBoolean first = new AtomicBoolean(true);
    CountDownLatch others = new CountDownLatch(10);
    return delivery -> {
      if (first.getAndSet(false)) {
        boolean unused = others.await(1, TimeUnit.SECONDS);
      }
      handler.handle(delivery);
      others.countDown();
    };
  }
}
