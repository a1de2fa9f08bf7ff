package dev.isostream;

import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * A member of a group as a reactive stream. It takes one subscriber, hands out no more than was
 * requested, and each delivery is to be settled by the subscriber. Cancelling closes the member;
 * failing completes the stream with the error.
 */
public interface DeliveryPublisher<T extends @Nullable Object>
    extends GroupMember, Flow.Publisher<Delivery<T>> {}
