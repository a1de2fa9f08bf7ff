package dev.isostream.engine.publish;

import dev.isostream.Producer;
import dev.isostream.TopicNotFoundException;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.Ids;
import dev.isostream.engine.ProducerSettings;
import dev.isostream.engine.errors.Errors;
import dev.isostream.engine.errors.Waits;
import dev.isostream.spi.Admin;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Opens producers. Stateless. */
public final class Producers {

  private Producers() {}

  /** See {@link dev.isostream.ProducerBuilder#open}. */
  public static <T extends @Nullable Object> Producer<T> open(
      EngineContext context, ProducerSettings<T> settings) {
    String topic = settings.topic().name();
    String doing = "opening a producer of topic " + topic;
    Duration limit = shorter(settings.maxBlock(), context.requestTimeout());
    Optional<Admin.TopicInfo> info =
        Waits.get(context.driver().admin().describeTopic(topic), limit, doing);
    if (info.isEmpty()) {
      throw new TopicNotFoundException(
          "Failed while " + doing + ": there is no such topic. Create it, or check its name.");
    }
    Room room =
        new Room(
            context.runtime(), topic, settings.maxInFlightMessages(), settings.maxInFlightBytes());
    OutboxSettings outboxSettings =
        new OutboxSettings(
            topic,
            Ids.unique(context.runtime().random()),
            settings.deliveryTimeout(),
            settings.maxInFlightBytes());
    Outbox outbox = Outbox.create(context, outboxSettings, room);
    try {
      outbox.keeper.openNow();
    } catch (RuntimeException e) {
      throw Errors.translate(doing, e);
    }
    return new EngineProducer<>(settings, context.driver().limits(), room, outbox);
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
