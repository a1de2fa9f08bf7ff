package dev.isostream;

import org.jspecify.annotations.Nullable;

/** The settings of a member that is asked for messages. */
public interface ConsumerBuilder<T extends @Nullable Object>
    extends MemberBuilder<T, ConsumerBuilder<T>> {

  /** Joins the group; blocks and fails as {@link SubscriptionBuilder#handle}. */
  Consumer<T> open();
}
