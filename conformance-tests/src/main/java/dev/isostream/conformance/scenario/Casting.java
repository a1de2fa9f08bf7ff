package dev.isostream.conformance.scenario;

import dev.isostream.Delivery;
import dev.isostream.MemberBuilder;
import dev.isostream.Messaging;
import dev.isostream.Retry;
import dev.isostream.StartAt;
import dev.isostream.Topic;
import dev.isostream.conformance.scenario.Scenario.PlannedGroup;
import dev.isostream.conformance.scene.Label;
import dev.isostream.conformance.scene.Listener;
import dev.isostream.conformance.scene.Scene;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What all members of a group in this process need. Immutable.
 *
 * @param messaging the same for all that are there at once: where a partition goes from one process
 *     to another through a crash of the broker, the one message in hand may be blamed for it, and
 *     that counts an attempt
 */
record Casting(
    Scene scene,
    Scenario scenario,
    PlannedGroup group,
    Messaging messaging,
    Topic<byte @Nullable []> topic,
    String deadLetters) {

  private static final Duration WAIT = Duration.ofMillis(10);

  /** Nobody settles what a member leaves with. */
  private static final Duration DRAIN = Duration.ofSeconds(1);

  Listener listener(String member) {
    return new Listener(scene.history(), group.name(), member);
  }

  Journal journal(String member) {
    return new Journal(scene.history(), group.name(), member);
  }

  Verdict verdict(Delivery<?> delivery) {
    String name = Label.name(Label.of(delivery));
    return scenario.verdict(group, name, delivery.attempt());
  }

  /** The settings that members must have in common, and those that this group's have. */
  <B extends MemberBuilder<byte @Nullable [], B>> B settings(B builder) {
    return builder
        .group(group.name())
        .startAt(StartAt.earliest())
        .orderBy(group.ordering())
        .retry(Retry.fixed(WAIT).maxAttempts(group.maxAttempts()))
        .deadLetterTo(deadLetters)
        .drainLimit(DRAIN);
  }
}
