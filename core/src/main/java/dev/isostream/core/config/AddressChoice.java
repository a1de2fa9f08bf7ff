package dev.isostream.core.config;

import dev.isostream.spi.DriverProvider;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the backend: {@code address}, or {@code backend} and {@code hosts}, whichever is said at
 * the highest level.
 */
final class AddressChoice {

  static final String ADDRESS = "address";
  static final String HOSTS = "hosts";
  private static final String BACKEND = "backend";
  private static final List<String> NAMES = List.of(ADDRESS, BACKEND, HOSTS);
  private static final String MARK = "://";

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
    Optional<Setting.Level> highest =
        NAMES.stream()
            .flatMap(name -> Stream.ofNullable(winners.get(name)))
            .map(Setting::level)
            .max(Comparator.naturalOrder());
    Predicate<String> counts =
        name -> winners.containsKey(name) && winners.get(name).level() == highest.orElseThrow();
    boolean single = counts.test(ADDRESS);
    boolean pair = counts.test(BACKEND) || counts.test(HOSTS);
    if (single && !pair) {
      winners.keySet().removeAll(List.of(BACKEND, HOSTS));
    } else if (pair && !single) {
      winners.remove(ADDRESS);
    }
    this.address = winners.get(ADDRESS);
    this.backend = winners.get(BACKEND);
    this.hosts = winners.get(HOSTS);
  }

  /**
   * Chooses.
   *
   * @param wrong the properties of which a problem has been told
   * @param complete whether everything could be read, so that a missing address is a mistake
   */
  Optional<Chosen> choose(CoreSettings core, Set<String> wrong, boolean complete) {
    if (address == null && backend == null && hosts == null) {
      if (complete) {
        missing();
      }
    } else if (address != null && (backend != null || hosts != null)) {
      judge.problem(
          address,
          "give either address, or backend and hosts, not both; there is also "
              + (backend == null ? hosts : backend));
    } else if (hosts != null && backend == null) {
      judge.problem(hosts, "hosts goes with backend, which is missing");
    } else if (Collections.disjoint(wrong, NAMES)) {
      return find(core);
    }
    return Optional.empty();
  }

  private void missing() {
    problems.add(
        "address: missing; allowed: "
            + Property.ALL.get(0).allowed()
            + ". Give it in isostream.yaml, as "
            + EnvironmentNames.encode(ADDRESS)
            + ", as -Disostream.address or in code. Backends: "
            + String.join(", ", adapters.schemes())
            + ".");
  }

  private Optional<Chosen> find(CoreSettings core) {
    String whole =
        core.address() == null
            ? core.backend() + MARK + Objects.requireNonNullElse(core.hosts(), "")
            : core.address();
    Setting told =
        Stream.of(address, hosts, backend).filter(Objects::nonNull).findFirst().orElseThrow();
    String scheme = whole.substring(0, whole.indexOf(MARK));
    String rest = whole.substring(scheme.length() + MARK.length());
    Optional<DriverProvider> provider = adapters.find(scheme);
    Optional<String> problem =
        rest.contains("@")
            ? Optional.of(
                "an address holds no credentials, as it shows in logs; they are properties of their own")
            : provider
                .map(p -> p.checkAddress(rest))
                .orElseGet(() -> Optional.of(adapters.missing(scheme)));
    problem.ifPresent(p -> judge.problem(told, p));
    return problem.isEmpty() ? provider.map(p -> new Chosen(p, rest)) : Optional.empty();
  }
}
