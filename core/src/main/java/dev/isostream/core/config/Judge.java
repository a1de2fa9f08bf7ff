package dev.isostream.core.config;

import dev.isostream.spi.DriverProvider;
import dev.isostream.spi.PropertyVerdict;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Judges settings one by one and says what is wrong with each. */
final class Judge {

  private static final String FIRST_DELAY = "consumer.retry.first-delay";
  private static final String MAX_DELAY = "consumer.retry.max-delay";

  private final Adapters adapters;
  private final Secrets secrets;
  private final Problems problems;

  Judge(Adapters adapters, Secrets secrets, Problems problems) {
    this.adapters = adapters;
    this.secrets = secrets;
    this.problems = problems;
  }

  /** Takes note of what must not show, before anything is shown. */
  void learnSecrets(List<Setting> settings) {
    for (Setting setting : settings) {
      if (Secrets.isSecretName(setting.name()) || isSecretToItsAdapter(setting)) {
        secrets.add(setting.value());
      }
    }
  }

  private boolean isSecretToItsAdapter(Setting setting) {
    return verdict(setting) instanceof PropertyVerdict.Accepted accepted && accepted.secret();
  }

  /**
   * Judges all settings that count.
   *
   * @param core what was bound of them
   * @return those of the core that are wrong
   */
  Set<String> judge(CoreSettings core, Map<String, Setting> settings) {
    Map<String, Setting> others = new TreeMap<>(settings);
    Set<String> wrong = new TreeSet<>();
    for (Property property : Property.ALL) {
      Setting setting = others.remove(property.name());
      Optional<String> problem = property.problem(core);
      if (setting != null && problem.isPresent()) {
        wrong.add(property.name());
        problem(setting, problem.get());
      }
    }
    others.values().forEach(this::judgeOther);
    RetryDefaults retry = core.consumer().retry();
    if (Collections.disjoint(wrong, List.of(FIRST_DELAY, MAX_DELAY))
        && retry.maxDelay().compareTo(retry.firstDelay()) < 0) {
      // Only one of the two need have been set.
      String told = settings.containsKey(MAX_DELAY) ? MAX_DELAY : FIRST_DELAY;
      problem(
          Objects.requireNonNull(settings.get(told)),
          "%s (%s) must be at least %s (%s)"
              .formatted(MAX_DELAY, retry.maxDelay(), FIRST_DELAY, retry.firstDelay()));
    }
    return wrong;
  }

  private void judgeOther(Setting setting) {
    PropertyVerdict verdict = verdict(setting);
    if (verdict instanceof PropertyVerdict.Refused refused) {
      problem(setting, refused.reason());
    } else if (verdict instanceof PropertyVerdict.Unknown) {
      // The value stays out: under a wrong name may stand a secret that nobody can tell for one.
      String name = Shown.plain(setting.name());
      String origin = Shown.plain(setting.origin());
      problems.add(
          "%s (%s): there is no such property%s".formatted(name, origin, suggestion(setting)));
    }
  }

  /** What the property's adapter says; those of adapters that are not here can't be judged. */
  private PropertyVerdict verdict(Setting setting) {
    int dot = setting.name().indexOf('.');
    String scheme = dot < 0 ? "" : setting.name().substring(0, dot);
    if (dot < 0 || !adapters.schemes().contains(scheme) || dot == setting.name().length() - 1) {
      return new PropertyVerdict.Unknown();
    }
    Optional<DriverProvider> provider = adapters.find(scheme);
    return provider.isPresent()
        ? check(provider.get(), setting.name().substring(dot + 1), setting.value())
        : new PropertyVerdict.Accepted(false);
  }

  private static PropertyVerdict check(DriverProvider provider, String name, String value) {
    try {
      return provider.check(name, value);
    } catch (RuntimeException e) {
      // Its text may quote the value.
      return new PropertyVerdict.Refused(
          "the adapter can't judge it: " + e.getClass().getSimpleName() + ", a defect there");
    }
  }

  private String suggestion(Setting setting) {
    if (setting.name().startsWith("isostream.")) {
      return "; leave the prefix isostream. out here.";
    }
    List<String> names = new ArrayList<>(adapters.propertyNames());
    Property.ALL.forEach(property -> names.add(property.name()));
    return NearestName.of(setting.name(), names)
        .map(name -> "; did you mean " + calledIn(setting.level(), name) + "?")
        .orElse(".");
  }

  private static String calledIn(Setting.Level level, String name) {
    return level == Setting.Level.ENVIRONMENT
        ? name + ", that is " + EnvironmentNames.encode(name)
        : name;
  }

  /** Says what is wrong with a setting, showing its value if it may be shown. */
  void problem(Setting setting, String what) {
    boolean address = List.of(AddressChoice.ADDRESS, AddressChoice.HOSTS).contains(setting.name());
    String value = address ? Secrets.maskAddress(setting.value()) : setting.value();
    String text =
        "%s = %s (%s): %s%s"
            .formatted(
                Shown.plain(setting.name()),
                Secrets.isSecretName(setting.name())
                    ? Secrets.MASK
                    : Shown.quoted(secrets.scrub(value)),
                Shown.plain(setting.origin()),
                what,
                what.endsWith(".") ? "" : ".");
    problems.add(secrets.scrub(text));
  }
}
