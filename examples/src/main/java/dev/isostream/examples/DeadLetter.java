package dev.isostream.examples;

import static dev.isostream.examples.WrongOutcome.unless;

import dev.isostream.Header;
import dev.isostream.Messaging;
import dev.isostream.Reader;
import dev.isostream.Received;
import dev.isostream.examples.Shop.Stored;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A message in the dead-letter topic. */
record DeadLetter(Received<Order> message) {

  /** Reads the dead-letter topic, which has to hold this message and no other. */
  static DeadLetter onlyOne(Messaging messaging, Run run, Stored poison) {
    List<DeadLetter> all = new ArrayList<>();
    try (Reader<Order> reader = messaging.reader(run.dead()).untilEnd().open()) {
      reader.forEach(message -> all.add(new DeadLetter(message)));
    }
    unless(all.size() == 1, "one dead letter, not " + all.size());
    DeadLetter letter = all.get(0);
    unless(
        letter.message().payload().equals(poison.order())
            && letter.header("attempts").equals(Integer.toString(Run.ATTEMPTS))
            && letter.header("position").equals(poison.position().toString()),
        "the dead letter is not what was published: " + letter.lines().toList());
    return letter;
  }

  private String header(String name) {
    return message.headers().text("isostream-dead-" + name).orElse("");
  }

  /** Itself and what its headers say. */
  Stream<String> lines() {
    Stream<String> head = Stream.of("  " + message.payload() + " at " + message.position());
    Stream<String> headers =
        message.headers().asList().stream().map((Header h) -> "  " + h.name() + ": " + h.text());
    return Stream.concat(head, headers);
  }
}
