package dev.isostream;

import java.time.Duration;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The settings that all members of a group have in common. Confined to one thread.
 *
 * <p>Ordering, attempts and dead-letter topic must be the same for all members of a group (contract
 * G10).
 */
public interface MemberBuilder<T extends @Nullable Object, B extends MemberBuilder<T, B>> {

  /** The group's name; required. The same letters as a topic's name, 1 to 100 of them. */
  B group(String group);

  /** Where the group starts, if it does not exist yet (contract G2). Default: latest. */
  B startAt(StartAt start);

  /** What runs one after the other. Default: {@link Ordering#KEY}. */
  B orderBy(Ordering ordering);

  /** How failed deliveries are tried again. Default: 5 attempts, waits from 200 ms to 30 s. */
  B retry(Retry retry);

  /** Where messages go whose attempts are used up; the topic must exist (contract D6). */
  B deadLetterTo(String topic);

  /** What happens to them instead, where there is no dead-letter topic. */
  B whenExhausted(Exhausted action);

  /** Messages that do not pass are settled unseen, before their payload is decoded. */
  B filter(Predicate<? super MessageInfo> filter);

  /** The most messages fetched and not yet settled. Default 10,000 (contract F1). */
  B maxInFlightMessages(int messages);

  /** The most bytes fetched and not yet settled. Default 64 MiB (contract F1). */
  B maxInFlightBytes(long bytes);

  /** How long running handlers may hold up a share that moves on. Default 30 s (contract G4). */
  B drainLimit(Duration limit);

  /** After how long an unsettled delivery is reported. Default 1 minute (contract D7). */
  B stuckAfter(Duration age);

  /** Told of what happens to this member. */
  B listener(MemberListener listener);
}
