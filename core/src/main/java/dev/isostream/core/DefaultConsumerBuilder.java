package dev.isostream.core;

import dev.isostream.Consumer;
import dev.isostream.ConsumerBuilder;
import dev.isostream.Topic;
import dev.isostream.engine.MemberSettings;
import dev.isostream.engine.consume.Members;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Starts members that are asked. One thread only. */
final class DefaultConsumerBuilder<T extends @Nullable Object>
    extends AbstractMemberBuilder<T, ConsumerBuilder<T>> implements ConsumerBuilder<T> {

  DefaultConsumerBuilder(DefaultMessaging messaging, Topic<T> topic) {
    super(messaging, topic);
  }

  @Override
  ConsumerBuilder<T> self() {
    return this;
  }

  @Override
  public Consumer<T> open() {
    // What the application holds is bounded by what is in flight, not by threads.
    MemberSettings<T> settings = check(OptionalInt.empty());
    return messaging.openMember(() -> Members.pull(messaging.context(), settings));
  }
}
