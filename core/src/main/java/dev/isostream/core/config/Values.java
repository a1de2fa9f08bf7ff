package dev.isostream.core.config;

import dev.isostream.Retry;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The core's own settings as typed values. Where one is wrong, that is told, and it is default. */
final class Values {

  private final Map<String, Setting> settings;
  private final Judge judge;

  Values(Map<String, Setting> settings, Judge judge) {
    this.settings = settings;
    this.judge = judge;
  }

  <T> T get(Property<T> property) {
    Setting setting = settings.get(property.name());
    return setting == null
        ? property.defaultValue()
        : read(property, setting).orElseGet(property::defaultValue);
  }

  private <T> Optional<T> read(Property<T> property, Setting setting) {
    try {
      T value = property.type().parse(setting.value());
      Optional<String> problem = property.type().problem(value);
      problem.ifPresent(p -> judge.problem(setting, p));
      return problem.isEmpty() ? Optional.of(value) : Optional.empty();
    } catch (IllegalArgumentException e) {
      judge.problem(setting, "allowed: " + property.type().allowed());
      return Optional.empty();
    }
  }

  ProducerDefaults producer() {
    return new ProducerDefaults(
        get(CoreProperties.DELIVERY_TIMEOUT),
        get(CoreProperties.MAX_BLOCK),
        get(CoreProperties.PRODUCER_MESSAGES),
        get(CoreProperties.PRODUCER_BYTES));
  }

  ConsumerDefaults consumer() {
    return new ConsumerDefaults(
        get(CoreProperties.CONCURRENCY),
        get(CoreProperties.CONSUMER_MESSAGES),
        get(CoreProperties.CONSUMER_BYTES),
        get(CoreProperties.DRAIN_LIMIT),
        get(CoreProperties.STUCK_AFTER),
        retry());
  }

  private Retry retry() {
    Duration first = get(CoreProperties.FIRST_DELAY);
    Duration max = get(CoreProperties.MAX_DELAY);
    if (max.compareTo(first) < 0) {
      Setting setting = settings.get(CoreProperties.MAX_DELAY.name());
      // Only one of the two need have been set.
      Setting told = setting == null ? settings.get(CoreProperties.FIRST_DELAY.name()) : setting;
      if (told != null) {
        judge.problem(
            told,
            CoreProperties.MAX_DELAY
                + " ("
                + CoreProperties.MAX_DELAY.type().format(max)
                + ") must be at least "
                + CoreProperties.FIRST_DELAY
                + " ("
                + CoreProperties.FIRST_DELAY.type().format(first)
                + ")");
      }
      max = first;
    }
    Retry retry = Retry.exponential(first, max).jitter(get(CoreProperties.JITTER));
    OptionalInt attempts = get(CoreProperties.MAX_ATTEMPTS);
    return attempts.isPresent() ? retry.maxAttempts(attempts.getAsInt()) : retry.forever();
  }
}
