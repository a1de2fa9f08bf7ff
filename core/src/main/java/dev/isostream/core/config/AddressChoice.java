package dev.isostream.core.config;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the backend: {@code address}, or {@code backend} and {@code hosts}, whichever is said at
 * the highest level.
 */
final class AddressChoice {

  private static final Pattern ADDRESS = Pattern.compile("([a-z][a-z0-9-]{0,31})://(.*)");

  /**
   * Where to connect.
   *
   * @param setting what to name in messages
   */
  record Chosen(String scheme, String rest, Setting setting) {}

  private final Adapters adapters;
  private final Judge judge;
  private final Problems problems;

  AddressChoice(Adapters adapters, Judge judge, Problems problems) {
    this.adapters = adapters;
    this.judge = judge;
    this.problems = problems;
  }

  /**
   * Chooses among all settings of all levels.
   *
   * @param complete whether everything could be read, so that a missing address is a mistake
   */
  Optional<Chosen> choose(Collection<Setting> all, boolean complete) {
    Map<String, Setting> winners = ConfigurationLoader.byName(all);
    Optional<Setting> address = Optional.ofNullable(winners.get(CoreProperties.ADDRESS.name()));
    Optional<Setting> backend = Optional.ofNullable(winners.get(CoreProperties.BACKEND.name()));
    Optional<Setting> hosts = Optional.ofNullable(winners.get(CoreProperties.HOSTS.name()));
    int pair = Math.max(level(backend), level(hosts));
    if (address.isEmpty() && pair == 0) {
      if (complete) {
        missing();
      }
      return Optional.empty();
    }
    if (level(address) > pair) {
      return address.flatMap(this::split);
    }
    if (level(address) == pair && address.isPresent()) {
      judge.problem(
          address.get(),
          "give either address, or backend and hosts, not both; there is also "
              + backend.or(() -> hosts).map(Setting::toString).orElse(""));
      return Optional.empty();
    }
    return join(backend, hosts);
  }

  private static int level(Optional<Setting> setting) {
    return setting.map(s -> s.level().rank()).orElse(0);
  }

  private void missing() {
    problems.add(
        "address: missing; allowed: "
            + CoreProperties.ADDRESS.type().allowed()
            + ". Give it in isostream.yaml, as "
            + EnvironmentNames.encode("address")
            + ", as -Disostream.address or in code. Backends: "
            + String.join(", ", adapters.schemes())
            + ".");
  }

  private Optional<Chosen> split(Setting address) {
    String text = address.value().strip();
    Matcher matcher = ADDRESS.matcher(text);
    Optional<String> problem = CoreProperties.ADDRESS.type().problem(text);
    if (problem.isPresent() || !matcher.matches()) {
      judge.problem(address, problem.orElse(""));
      return Optional.empty();
    }
    return checked(new Chosen(matcher.group(1), matcher.group(2), address));
  }

  private Optional<Chosen> join(Optional<Setting> backend, Optional<Setting> hosts) {
    if (backend.isEmpty()) {
      hosts.ifPresent(h -> judge.problem(h, "hosts goes with backend, which is missing"));
      return Optional.empty();
    }
    boolean good = isAllowed(CoreProperties.BACKEND, backend.get());
    good &= hosts.isEmpty() || isAllowed(CoreProperties.HOSTS, hosts.get());
    return good
        ? checked(
            new Chosen(
                backend.get().value().strip(),
                hosts.map(h -> h.value().strip()).orElse(""),
                hosts.orElse(backend.get())))
        : Optional.empty();
  }

  private boolean isAllowed(Property<String> property, Setting setting) {
    Optional<String> problem = property.type().problem(setting.value().strip());
    problem.ifPresent(p -> judge.problem(setting, p));
    return problem.isEmpty();
  }

  private Optional<Chosen> checked(Chosen chosen) {
    if (chosen.rest().contains("@")) {
      judge.problem(
          chosen.setting(),
          "an address holds no credentials, as it shows in logs; they are properties of their own");
      return Optional.empty();
    }
    var provider = adapters.find(chosen.scheme());
    if (provider.isEmpty()) {
      judge.problem(chosen.setting(), adapters.missing(chosen.scheme()));
      return Optional.empty();
    }
    Optional<String> problem = provider.get().checkAddress(chosen.rest());
    problem.ifPresent(p -> judge.problem(chosen.setting(), p));
    return problem.isEmpty() ? Optional.of(chosen) : Optional.empty();
  }
}
