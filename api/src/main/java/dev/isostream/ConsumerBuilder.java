package dev.isostream;

/** The settings of a member that is asked for messages. */
public interface ConsumerBuilder<T> extends MemberBuilder<T, ConsumerBuilder<T>> {

  /** Joins the group; blocks and fails as {@link SubscriptionBuilder#handle}. */
  Consumer<T> open();
}
