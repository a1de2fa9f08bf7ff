package dev.isostream.conformance.defect;

import dev.isostream.ClosedException;
import dev.isostream.MessageHandler;
import dev.isostream.Subscription;
import dev.isostream.SubscriptionBuilder;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Source;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Broken flow control and broken lives. */
@SuppressWarnings({"rawtypes", "unchecked"}) // the payload's type does not matter to any of it
final class FlowDefects {

  private FlowDefects() {}

  static List<Defect> all() {
    return List.of(
        fetchesWithoutBound(),
        pausesNothing(),
        givesSlowHandlersUp(),
        closeCutsHandlers(),
        closeIgnoresItsLimit(),
        readersDieWithTheBroker(),
        readsAfterClose());
  }

  private static Defect fetchesWithoutBound() {
    Advice ignored =
        call ->
            ((Number) Objects.requireNonNull(call.args()[0])).longValue() > 0
                ? call.proxy()
                : call.proceed();
    return Defect.of(
            "fetches-without-bound",
            "F1",
            "more messages are in flight than the bound | the bytes in flight are bounded"
                + " | more than the bound are in flight")
        .byEngine(
            real ->
                Api.of(real)
                    .memberBuilder(
                        Map.of("maxInFlightMessages", ignored, "maxInFlightBytes", ignored))
                    .messaging());
  }

  private static Defect pausesNothing() {
    return Defect.of("pauses-nothing", "F2", "a paused member is handed a message")
        .byEngine(
            real ->
                Api.of(real)
                    .consumer(() -> Map.of("pause", call -> null, "isPaused", call -> true))
                    .messaging());
  }

  /** Leaves the group when a handler takes long. */
  private static Defect givesSlowHandlersUp() {
    Executor later = CompletableFuture.delayedExecutor(700, TimeUnit.MILLISECONDS);
    return Defect.of(
            "gives-slow-handlers-up", "F3", "a member is given up because its handlers are slow")
        .byEngine(
            real ->
                Api.of(real)
                    .subscriptionBuilder(
                        Map.of(
                            "handle",
                            call -> {
                              MessageHandler handler = call.arg(0, MessageHandler.class);
                              AtomicInteger running = new AtomicInteger();
                              MessageHandler<?> counted = d -> counted(handler, d, running);
                              Subscription member =
                                  (Subscription) Objects.requireNonNull(call.with(counted));
                              watch(member, running, 0, later);
                              return member;
                            }))
                    .messaging());
  }

  private static void counted(
      MessageHandler handler, dev.isostream.Delivery<?> delivery, AtomicInteger running)
      throws Exception {
    running.incrementAndGet();
    try {
      handler.handle(delivery);
    } finally {
      running.decrementAndGet();
    }
  }

  private static void watch(
      Subscription member, AtomicInteger running, int before, Executor later) {
    later.execute(
        () -> {
          int now = running.get();
          if (now > 0 && before > 0) {
            member.close(Duration.ZERO);
          } else if (!member.stopped().toCompletableFuture().isDone()) {
            watch(member, running, now, later);
          }
        });
  }

  private static Defect closeCutsHandlers() {
    return Defect.of("close-cuts-handlers", "F4", "close returns while handlers run")
        .byEngine(
            real ->
                Api.of(real)
                    .subscription(
                        () ->
                            Map.of(
                                "close",
                                call ->
                                    call.args().length == 0
                                        ? closed((Subscription) call.real())
                                        : call.proceed()))
                    .messaging());
  }

  private static @Nullable Object closed(Subscription member) {
    member.close(Duration.ZERO);
    return null;
  }

  private static Defect closeIgnoresItsLimit() {
    return Defect.of("close-ignores-its-limit", "F4", "close waits for its limit, and no longer")
        .byEngine(
            real ->
                Api.of(real)
                    .subscriptionBuilder(
                        Map.of(
                            "handle",
                            call -> {
                              Object unused =
                                  ((SubscriptionBuilder<?>) call.real())
                                      .drainLimit(Duration.ofSeconds(7));
                              return call.proceed();
                            }))
                    .subscription(
                        () ->
                            Map.of(
                                "close",
                                call -> {
                                  ((Subscription) call.real()).close(Duration.ofSeconds(7));
                                  return null;
                                }))
                    .messaging());
  }

  private static Defect readersDieWithTheBroker() {
    return Defect.of(
            "readers-die-with-the-broker", "F5", "a reader waits meanwhile, and does not fail")
        .byDriver(
            real ->
                Parts.of(real)
                    .reader(
                        source ->
                            Advice.instead(
                                Source.class,
                                source,
                                Map.of(
                                    "poll",
                                    call -> {
                                      try {
                                        return call.proceed();
                                      } catch (DriverException e) {
                                        throw new DriverException(
                                            e.kind() == ErrorKind.UNAVAILABLE
                                                ? ErrorKind.UNKNOWN
                                                : e.kind(),
                                            String.valueOf(e.getMessage()),
                                            e);
                                      }
                                    })))
                    .driver());
  }

  private static Defect readsAfterClose() {
    return Defect.of("reads-after-close", "F6", "use of a reader after close fails")
        .byEngine(
            real ->
                Api.of(real)
                    .reader(
                        () ->
                            Map.of(
                                "read",
                                call -> {
                                  try {
                                    return call.proceed();
                                  } catch (ClosedException e) {
                                    return Optional.empty();
                                  }
                                }))
                    .messaging());
  }
}
