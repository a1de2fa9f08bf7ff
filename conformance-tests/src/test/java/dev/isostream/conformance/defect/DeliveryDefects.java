package dev.isostream.conformance.defect;

import dev.isostream.AsyncMessageHandler;
import dev.isostream.Codec;
import dev.isostream.Delivery;
import dev.isostream.MemberListener;
import dev.isostream.MessageHandler;
import dev.isostream.Messaging;
import dev.isostream.Position;
import dev.isostream.Retry;
import dev.isostream.Settlement;
import dev.isostream.Topic;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/** Broken ways to deliver and to settle, as an application sees them. */
@SuppressWarnings({"rawtypes", "unchecked"}) // the payload's type does not matter to any of it
final class DeliveryDefects {

  private DeliveryDefects() {}

  static List<Defect> all() {
    return List.of(
        cumulativeOnly(),
        acksLazily(),
        forgetsTheDelay(),
        attemptsDieWithTheMember(),
        tellsNoFailedAttempt(),
        swallowsExceptions(),
        saysDoneTwice(),
        cumulativeIsSingle(),
        decodesAnything(),
        neverGivesUp());
  }

  private static Defect cumulativeOnly() {
    return Defect.of("cumulative-only", "D2", "a message is acked while earlier ones are open")
        .and("D3", "deliveries to group crash")
        .and("G7", "deliveries to group haunted")
        .and("O4", "one call hands out all that there is of a key")
        .byEngine(
            real ->
                Api.of(real)
                    .pulled(
                        () ->
                            delivery ->
                                Api.delivery(delivery, Map.of("ack", call -> upTo(delivery))))
                    .messaging());
  }

  private static CompletionStage<Settlement> upTo(Delivery<?> delivery) {
    return delivery.isSettled() ? delivery.ack() : delivery.ackCumulative();
  }

  /** Says that it is done, and does it when nothing earlier is open. */
  private static Defect acksLazily() {
    return Defect.of("acks-lazily", "D3", "exactly the open ones come")
        .and("D2", "the open ones come again")
        .and("D5", "something comes again that was settled")
        .andPerhaps("G5", "exactly what was not durably settled")
        .andPerhaps("D1", "nothing comes again that was settled")
        .and("G7", "a late settlement moves the group")
        .and("O4", "the later unsettled ones of its batch")
        .byEngine(real -> Api.of(real).deliveries(Lazy::new).messaging());
  }

  private static final class Lazy implements UnaryOperator<Delivery<?>> {
    private final Deque<Delivery<?>> open = new ArrayDeque<>();
    private final Map<Position, Boolean> acked = new ConcurrentHashMap<>();

    @Override
    public synchronized Delivery<?> apply(Delivery<?> delivery) {
      open.add(delivery);
      Advice settles =
          call -> {
            acked.put(delivery.position(), false);
            return call.proceed();
          };
      return Api.delivery(
          delivery, Map.of("ack", call -> ack(delivery), "nack", settles, "deadLetter", settles));
    }

    private synchronized CompletionStage<Settlement> ack(Delivery<?> delivery) {
      if (delivery.isSettled() || acked.containsKey(delivery.position())) {
        return delivery.ack();
      }
      acked.put(delivery.position(), true);
      CompletionStage<Settlement> last = CompletableFuture.completedFuture(Settlement.DONE);
      while (!open.isEmpty() && acked.containsKey(open.element().position())) {
        Delivery<?> first = open.remove();
        if (Boolean.TRUE.equals(acked.remove(first.position()))) {
          CompletionStage<Settlement> stage = first.ack();
          last = first == delivery ? stage : last;
        }
      }
      return last;
    }
  }

  private static Defect forgetsTheDelay() {
    return Defect.of(
            "forgets-the-delay",
            "D4",
            "no sooner than its delay | what did not fail is not held up | holds up nothing"
                + " | all other keys of its partition go on | of the waiting partition comes")
        .and("D8", "settling again brings a message back")
        .byEngine(
            real ->
                Api.of(real)
                    .delivery(
                        () ->
                            Map.of(
                                "nack",
                                call ->
                                    call.args().length == 0
                                        ? call.proceed()
                                        : ((Delivery<?>) call.real()).nack(Duration.ZERO)))
                    .messaging());
  }

  /** Counts from 1 for each member. */
  private static Defect attemptsDieWithTheMember() {
    return Defect.of(
            "attempts-die-with-the-member",
            "D5",
            "each failure adds one | a failure is remembered | is counted for it")
        .and("D4", "its attempt count raised by one")
        .byEngine(real -> Api.of(real).pulled(Forgetful::new).messaging());
  }

  private static final class Forgetful implements UnaryOperator<Delivery<?>> {
    private final Map<Position, Integer> before = new ConcurrentHashMap<>();

    @Override
    public Delivery<?> apply(Delivery<?> delivery) {
      int first = before.computeIfAbsent(delivery.position(), p -> delivery.attempt() - 1);
      return Api.delivery(delivery, Map.of("attempt", call -> delivery.attempt() - first));
    }
  }

  private static Defect tellsNoFailedAttempt() {
    return Defect.of("tells-no-failed-attempt", "D7", "told to the listener")
        .and("D8", "settling again counts no attempt")
        .and("D9", "each attempt is told | it is tried again and again")
        .byEngine(
            real ->
                Api.of(real)
                    .memberBuilder(
                        Map.of(
                            "listener",
                            call ->
                                call.with(
                                    Advice.instead(
                                        MemberListener.class,
                                        call.arg(0, MemberListener.class),
                                        Map.of("attemptFailed", told -> null)))))
                    .messaging());
  }

  private static Defect swallowsExceptions() {
    return Defect.of(
            "swallows-exceptions", "D7", "a handler that throws | a stage that fails nacks")
        .and("D4", "no windowFull")
        .and("D5", "it succeeds in the end")
        .and("D6", "dead letters are stored | is discarded | stops with an error")
        .and("O1", "everything is handled in the end")
        .byEngine(
            real ->
                Api.of(real)
                    .subscriptionBuilder(
                        Map.of(
                            "handle",
                            call -> {
                              MessageHandler handler = call.arg(0, MessageHandler.class);
                              MessageHandler<?> lenient = delivery -> swallow(handler, delivery);
                              return call.with(lenient);
                            },
                            "handleAsync",
                            call -> {
                              AsyncMessageHandler handler = call.arg(0, AsyncMessageHandler.class);
                              AsyncMessageHandler<?> lenient =
                                  delivery ->
                                      ((CompletionStage<Object>) handler.handle(delivery))
                                          .handle((done, failure) -> done);
                              return call.with(lenient);
                            }))
                    .messaging());
  }

  private static void swallow(MessageHandler handler, Delivery<?> delivery)
      throws InterruptedException {
    try {
      handler.handle(delivery);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      System.getLogger("defect").log(System.Logger.Level.DEBUG, "swallowed", e);
    }
  }

  private static Defect saysDoneTwice() {
    return Defect.of("says-done-twice", "D8", "settling again says so")
        .and("D10", "their own settlement")
        .byEngine(
            real ->
                Api.of(real)
                    .delivery(
                        () ->
                            Map.of(
                                "ack",
                                call ->
                                    ((CompletionStage<Settlement>)
                                            Objects.requireNonNull(call.proceed()))
                                        .thenApply(any -> Settlement.DONE)))
                    .messaging());
  }

  private static Defect cumulativeIsSingle() {
    return Defect.of(
            "cumulative-is-single",
            "D10",
            "of the partition up to it is settled | handlers still running find"
                + " | comes again that was settled cumulatively")
        .byEngine(
            real ->
                Api.of(real)
                    .delivery(
                        () -> Map.of("ackCumulative", call -> ((Delivery<?>) call.real()).ack()))
                    .messaging());
  }

  private static Defect decodesAnything() {
    Advice lenient = call -> call.with(lenient(call.arg(0, Topic.class)));
    return Defect.of(
            "decodes-anything",
            "D9",
            "the others of its key come | all other keys go on | again and again")
        .byEngine(
            real ->
                Advice.instead(
                    Messaging.class, real, Map.of("consumer", lenient, "subscribe", lenient)));
  }

  private static Topic<?> lenient(Topic topic) {
    if (!(topic.codec().decode(new byte[0]) instanceof String)) {
      return topic;
    }
    return Topic.of(
        topic.name(),
        Advice.instead(
            Codec.class,
            topic.codec(),
            Map.of(
                "decode",
                call -> {
                  try {
                    return call.proceed();
                  } catch (RuntimeException e) {
                    return "nonsense";
                  }
                })));
  }

  private static Defect neverGivesUp() {
    return Defect.of(
            "never-gives-up",
            "D11",
            "dead letters are stored | a killer is discarded | a killer stops")
        .and(
            "D6",
            "dead letters are stored | are refused: wanted | is discarded | stops with an error")
        .and("D9", "deliveries to group undecodable")
        .and("G10", "a member with other attempts is refused")
        .byEngine(
            real ->
                Api.of(real)
                    .memberBuilder(
                        Map.of("retry", call -> call.with(call.arg(0, Retry.class).forever())))
                    .messaging());
  }
}
