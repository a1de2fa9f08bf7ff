package dev.isostream.core.config;

import dev.isostream.core.config.Setting.Level;
import dev.isostream.spi.DriverProvider;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the backend: {@code address}, or {@code backend} and {@code hosts}, whichever is said at
 * the highest level.
 */
final class AddressChoice {

  static final String ADDRESS = "address";
  static final String HOSTS = "hosts";
  private static final String BACKEND = "backend";
  private static final String MARK = "://";
  private static final String CREDENTIALS =
      "an address holds no credentials, as it shows in logs; they are properties of their own";

  /** Where to connect. */
  record Chosen(DriverProvider provider, String rest) {}

  private final Adapters adapters;
  private final Judge judge;
  private final Problems problems;
  private final @Nullable Setting address;
  private final @Nullable Setting backend;
  private final @Nullable Setting hosts;

  /** Takes the way that does not count out of the settings. */
  AddressChoice(Adapters adapters, Judge judge, Problems problems, Map<String, Setting> winners) {
    this.adapters = adapters;
    this.judge = judge;
    this.problems = problems;
    Level single = level(winners, ADDRESS);
    Level pair = Collections.max(List.of(level(winners, BACKEND), level(winners, HOSTS)));
    if (single.compareTo(pair) > 0) {
      winners.keySet().removeAll(List.of(BACKEND, HOSTS));
    } else if (single.compareTo(pair) < 0) {
      winners.remove(ADDRESS);
    }
    this.address = winners.get(ADDRESS);
    this.backend = winners.get(BACKEND);
    this.hosts = winners.get(HOSTS);
  }

  private static Level level(Map<String, Setting> winners, String name) {
    Setting setting = winners.get(name);
    return setting == null ? Level.DEFAULT : setting.level();
  }

  /**
   * Chooses.
   *
   * @param wrong the properties of which a problem has been told
   * @param complete whether everything could be read, so that a missing address is a mistake
   */
  Optional<Chosen> choose(CoreSettings core, Set<String> wrong, boolean complete) {
    Setting part = backend == null ? hosts : backend;
    if (address == null && part == null) {
      if (complete) {
        problems.add(
            ("address: missing; allowed: %s. Give it in isostream.yaml, as %s, as -Disostream.address"
                    + " or in code. Backends: %s.")
                .formatted(
                    Property.ALL.get(0).allowed(),
                    EnvironmentNames.encode(ADDRESS),
                    String.join(", ", adapters.schemes())));
      }
    } else if (address != null && part != null) {
      judge.problem(
          address, "give either address, or backend and hosts, not both; there is also " + part);
    } else if (hosts != null && backend == null) {
      judge.problem(hosts, "hosts goes with backend, which is missing");
    } else if (Collections.disjoint(wrong, List.of(ADDRESS, BACKEND, HOSTS))) {
      Setting last = hosts == null ? part : hosts;
      return find(core, Objects.requireNonNull(address == null ? last : address));
    }
    return Optional.empty();
  }

  private Optional<Chosen> find(CoreSettings core, Setting told) {
    String whole =
        core.address() == null
            ? core.backend() + MARK + Objects.requireNonNullElse(core.hosts(), "")
            : core.address();
    String scheme = whole.substring(0, whole.indexOf(MARK));
    String rest = whole.substring(scheme.length() + MARK.length());
    Optional<DriverProvider> provider = adapters.find(scheme);
    Optional<String> problem =
        rest.contains("@")
            ? Optional.of(CREDENTIALS)
            : provider
                .map(p -> p.checkAddress(rest))
                .orElseGet(() -> Optional.of(adapters.missing(scheme)));
    problem.ifPresent(p -> judge.problem(told, p));
    return provider.filter(p -> problem.isEmpty()).map(p -> new Chosen(p, rest));
  }
}
