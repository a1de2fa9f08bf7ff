package dev.isostream.engine.consume;

import dev.isostream.MessageInfo;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The application's filter, run where its handlers run, never on the loop. Stateless. */
final class Filtering {

  private Filtering() {}

  /** Whether the application wants the message; what the filter throws fails the attempt. */
  static boolean passes(@Nullable Predicate<? super MessageInfo> filter, MessageInfo message) {
    return filter == null || filter.test(message);
  }
}
