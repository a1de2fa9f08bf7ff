package dev.isostream.core.config;

import dev.isostream.spi.DriverProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The adapters on the class path, and the names of those that could be. */
final class Adapters {

  /** Backends whose prefix is reserved, so that a file may hold settings for several. */
  static final List<String> KNOWN_SCHEMES =
      List.of("kafka", "kinesis", "memory", "pulsar", "rabbitmq", "redis");

  private final Map<String, DriverProvider> byScheme = new TreeMap<>();

  Adapters(Sources sources, Problems problems) {
    try {
      for (DriverProvider provider : sources.adapters().get()) {
        DriverProvider other = byScheme.putIfAbsent(provider.scheme(), provider);
        if (other != null) {
          problems.add(
              "Two adapters on the class path are for %s: %s and %s. Take one out."
                  .formatted(
                      provider.scheme(),
                      other.getClass().getName(),
                      provider.getClass().getName()));
        }
      }
    } catch (ServiceConfigurationError e) {
      problems.add("An adapter on the class path can't be loaded: " + e.getMessage() + ".");
    }
  }

  Optional<DriverProvider> find(String scheme) {
    return Optional.ofNullable(byScheme.get(scheme));
  }

  /** First parts of names that belong to backends, here or not. */
  Set<String> schemes() {
    Set<String> all = new TreeSet<>(KNOWN_SCHEMES);
    all.addAll(byScheme.keySet());
    return all;
  }

  /** All names under the adapters' prefixes, in full. */
  List<String> propertyNames() {
    List<String> names = new ArrayList<>();
    byScheme.forEach((scheme, p) -> p.propertyNames().forEach(n -> names.add(scheme + "." + n)));
    return names;
  }

  /** Why a backend can't be used, and what to do about it. */
  String missing(String scheme) {
    String advice =
        KNOWN_SCHEMES.contains(scheme)
            ? ": add dev.isostream:isostream-" + scheme + "."
            : NearestName.of(scheme, schemes()).map(n -> "; did you mean " + n + "?").orElse(".");
    return "there is no adapter for %s on the class path%s Found: %s."
        .formatted(
            scheme, advice, byScheme.isEmpty() ? "none" : String.join(", ", byScheme.keySet()));
  }
}
