package dev.isostream.engine.publish;

import dev.isostream.Producer;
import dev.isostream.TopicNotFoundException;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.Ids;
import dev.isostream.engine.ProducerSettings;
import dev.isostream.engine.errors.Question;
import dev.isostream.spi.Admin;
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
    Question question = new Question(context, doing, settings.maxBlock());
    Optional<Admin.TopicInfo> info =
        question.ask(() -> context.driver().admin().describeTopic(topic));
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
    question.run(outbox.keeper::openNow);
    return new EngineProducer<>(settings, context.driver().limits(), room, outbox);
  }
}
