package dev.isostream.conformance.defect;

import dev.isostream.AsyncMessageHandler;
import dev.isostream.Consumer;
import dev.isostream.ConsumerBuilder;
import dev.isostream.Delivery;
import dev.isostream.GroupAdmin;
import dev.isostream.MessageHandler;
import dev.isostream.Messaging;
import dev.isostream.Producer;
import dev.isostream.ProducerBuilder;
import dev.isostream.Reader;
import dev.isostream.ReaderBuilder;
import dev.isostream.Subscription;
import dev.isostream.SubscriptionBuilder;
import dev.isostream.TopicAdmin;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What applications see, some methods of which are replaced. */
@SuppressWarnings({"rawtypes", "unchecked"}) // the payload's type does not matter to any of it
final class Api {

  private final Messaging real;
  private final Map<Class<?>, List<Supplier<Map<String, Advice>>>> advices = new LinkedHashMap<>();

  private Api(Messaging real) {
    this.real = real;
  }

  /** Of this connection. */
  static Api of(Messaging real) {
    return new Api(real);
  }

  private Api add(Class<?> type, Supplier<Map<String, Advice>> made) {
    advices.computeIfAbsent(type, t -> new ArrayList<>()).add(made);
    return this;
  }

  /** Methods of each producer. */
  Api producer(Supplier<Map<String, Advice>> made) {
    return add(Producer.class, made);
  }

  /** Methods of each producer's builder. */
  Api producerBuilder(Map<String, Advice> made) {
    return add(ProducerBuilder.class, () -> made);
  }

  /** Methods of each pulling member. */
  Api consumer(Supplier<Map<String, Advice>> made) {
    return add(Consumer.class, made);
  }

  /** Methods of each pushing member. */
  Api subscription(Supplier<Map<String, Advice>> made) {
    return add(Subscription.class, made);
  }

  /** Methods of both kinds of members' builders. */
  Api memberBuilder(Map<String, Advice> made) {
    return consumerBuilder(made).subscriptionBuilder(made);
  }

  /** Methods of each pulling member's builder. */
  Api consumerBuilder(Map<String, Advice> made) {
    return add(ConsumerBuilder.class, () -> made);
  }

  /** Methods of each pushing member's builder. */
  Api subscriptionBuilder(Map<String, Advice> made) {
    return add(SubscriptionBuilder.class, () -> made);
  }

  /** Methods of each reader. */
  Api reader(Supplier<Map<String, Advice>> made) {
    return add(Reader.class, made);
  }

  /** Methods of each reader's builder. */
  Api readerBuilder(Map<String, Advice> made) {
    return add(ReaderBuilder.class, () -> made);
  }

  /** Methods of the groups' administration. */
  Api groups(Map<String, Advice> made) {
    return add(GroupAdmin.class, () -> made);
  }

  /** Methods of the topics' administration. */
  Api topics(Map<String, Advice> made) {
    return add(TopicAdmin.class, () -> made);
  }

  /** Each delivery, however it is handed out; for each member a function of its own. */
  Api deliveries(Supplier<UnaryOperator<Delivery<?>>> made) {
    return pulled(made)
        .subscriptionBuilder(
            Map.of(
                "handle",
                call -> {
                  UnaryOperator<Delivery<?>> change = made.get();
                  MessageHandler handler = call.arg(0, MessageHandler.class);
                  MessageHandler<?> changed = delivery -> handler.handle(change.apply(delivery));
                  return call.with(changed);
                },
                "handleAsync",
                call -> {
                  UnaryOperator<Delivery<?>> change = made.get();
                  AsyncMessageHandler handler = call.arg(0, AsyncMessageHandler.class);
                  AsyncMessageHandler<?> changed =
                      delivery -> handler.handle(change.apply(delivery));
                  return call.with(changed);
                }));
  }

  /** Each delivery that is pulled; for each member a function of its own. */
  Api pulled(Supplier<UnaryOperator<Delivery<?>>> made) {
    return consumer(() -> received(made.get()));
  }

  private static Map<String, Advice> received(UnaryOperator<Delivery<?>> change) {
    return Map.of(
        "receive",
        call -> ((Optional<Delivery<?>>) Objects.requireNonNull(call.proceed())).map(change),
        "receiveBatch",
        call ->
            ((List<Delivery<?>>) Objects.requireNonNull(call.proceed()))
                .stream().map(change).toList());
  }

  /** Methods of each delivery. */
  Api delivery(Supplier<Map<String, Advice>> made) {
    return deliveries(() -> delivery -> delivery(delivery, made.get()));
  }

  /** A delivery with these methods. */
  static Delivery<?> delivery(Delivery<?> delivery, Map<String, Advice> made) {
    return Advice.instead(Delivery.class, delivery, made);
  }

  /** The connection with all of these. */
  Messaging messaging() {
    return Advice.instead(
        Messaging.class,
        real,
        Map.of(
            "producer", call -> builder(ProducerBuilder.class, Producer.class, "open", call),
            "consumer", call -> builder(ConsumerBuilder.class, Consumer.class, "open", call),
            "reader", call -> builder(ReaderBuilder.class, Reader.class, "open", call),
            "subscribe", this::subscribe,
            "groups", call -> replaced(GroupAdmin.class, call.proceed()),
            "topics", call -> replaced(TopicAdmin.class, call.proceed())));
  }

  private Object subscribe(Advice.Call call) throws Throwable {
    Object inner = Objects.requireNonNull(call.proceed());
    Advice open = c -> replaced(Subscription.class, c.proceed());
    Object opening =
        Advice.instead(
            SubscriptionBuilder.class,
            (SubscriptionBuilder) inner,
            Map.of("handle", open, "handleAsync", open));
    return replaced(SubscriptionBuilder.class, opening);
  }

  private <B, O> Object builder(Class<B> builder, Class<O> opened, String open, Advice.Call call)
      throws Throwable {
    Object inner = Objects.requireNonNull(call.proceed());
    Object opening =
        Advice.instead(
            builder, builder.cast(inner), Map.of(open, c -> replaced(opened, c.proceed())));
    return replaced(builder, opening);
  }

  private <T> Object replaced(Class<T> type, @Nullable Object inner) {
    Object result = Objects.requireNonNull(inner);
    for (Supplier<Map<String, Advice>> made : advices.getOrDefault(type, List.of())) {
      result = Advice.instead(type, type.cast(result), made.get());
    }
    return result;
  }
}
