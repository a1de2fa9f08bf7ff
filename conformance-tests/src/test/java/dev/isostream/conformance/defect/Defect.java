package dev.isostream.conformance.defect;

import dev.isostream.Messaging;
import dev.isostream.spi.Driver;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A way to break the contract.
 *
 * @param name as its address has it
 * @param breaks the rules it breaks, each with a part of what its failing tests have to say; where
 *     it has several tests that look for different things, the parts stand between {@code " | "}
 * @param mayBreak the rules that it breaks or not, as it happens: what is in hand at a fault
 *     differs from run to run; with the same parts
 * @param variant makes a broken implementation with a state of its own
 */
record Defect(
    String name,
    Map<String, String> breaks,
    Map<String, String> mayBreak,
    Supplier<Variant> variant) {

  Defect {
    breaks = Collections.unmodifiableMap(new LinkedHashMap<>(breaks));
    mayBreak = Map.copyOf(mayBreak);
  }

  /** Breaks this rule, with this to be said by its test. */
  static Defect of(String name, String rule, String reason) {
    return new Defect(
        name,
        Map.of(rule, reason),
        Map.of(),
        () -> {
          throw new IllegalStateException("not said how " + name + " breaks " + rule);
        });
  }

  /** Breaks this rule beside. */
  Defect and(String rule, String reason) {
    Map<String, String> all = new LinkedHashMap<>(breaks);
    if (all.put(rule, reason) != null) {
      throw new IllegalArgumentException(name + " breaks " + rule + " twice");
    }
    return new Defect(name, all, mayBreak, variant);
  }

  /** Breaks this rule in some runs. */
  Defect andPerhaps(String rule, String reason) {
    Map<String, String> all = new LinkedHashMap<>(mayBreak);
    if (all.put(rule, reason) != null || breaks.containsKey(rule)) {
      throw new IllegalArgumentException(name + " breaks " + rule + " twice");
    }
    return new Defect(name, breaks, all, variant);
  }

  /** By this. */
  Defect by(Supplier<Variant> broken) {
    return new Defect(name, breaks, mayBreak, broken);
  }

  /** By this around each driver. */
  Defect byDriver(Function<Driver, Driver> broken) {
    return by(
        () ->
            new Variant() {
              @Override
              public Driver driver(Driver real) {
                return broken.apply(real);
              }
            });
  }

  /** By this around each connection of an application. */
  Defect byEngine(UnaryOperator<Messaging> broken) {
    return by(
        () ->
            new Variant() {
              @Override
              public Messaging messaging(Messaging real) {
                return broken.apply(real);
              }
            });
  }

  /** Whether this rule's test may fail with this. */
  boolean isStatedBy(String rule, String reason) {
    String parts = breaks.containsKey(rule) ? breaks.get(rule) : mayBreak.get(rule);
    return parts != null && Stream.of(parts.split(" \\| ", -1)).anyMatch(reason::contains);
  }
}
