package dev.isostream.engine.consume;

import dev.isostream.Subscription;
import dev.isostream.engine.EngineContext;

/** A member with a handler. */
final class PushMember<T, O extends Outlet<T>> extends AbstractMember<T, O>
    implements Subscription {

  PushMember(EngineContext context, MemberLoop<T> loop, O outlet) {
    super(context, loop, outlet);
  }
}
