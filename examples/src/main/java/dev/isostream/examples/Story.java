package dev.isostream.examples;

import java.io.PrintStream;
import java.time.Duration;

/** Tells what happens, in numbered acts. */
final class Story {

  private final PrintStream out;
  private int acts;

  Story(PrintStream out) {
    this.out = out;
  }

  void title(String text) {
    out.println(text);
  }

  void act(String text) {
    out.println();
    out.println(++acts + ". " + text);
  }

  void say(String text) {
    out.println("   " + text);
  }

  /** One delivery, or what became of it. */
  void event(Event event, String what) {
    String attempt = event.attempt() > 0 ? ", attempt " + event.attempt() : "";
    say(
        event.text()
            + " of "
            + event.customer()
            + " at "
            + event.position()
            + attempt
            + ": "
            + what);
  }

  static String seconds(Duration time) {
    return "%.1f s".formatted(time.toMillis() / 1000.0);
  }
}
