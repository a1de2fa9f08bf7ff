package dev.isostream.engine.consume;

import dev.isostream.Delivery;
import dev.isostream.DeliveryPublisher;
import dev.isostream.engine.EngineContext;
import java.util.concurrent.Flow;

/** A member as a reactive stream. */
final class FlowMember<T> extends AbstractMember<T, FlowOutlet<T>> implements DeliveryPublisher<T> {

  FlowMember(EngineContext context, MemberLoop<T> loop, FlowOutlet<T> outlet) {
    super(context, loop, outlet);
  }

  @Override
  public void subscribe(Flow.Subscriber<? super Delivery<T>> subscriber) {
    outlet.subscribe(subscriber);
  }
}
