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
  private static final List<String> DELAYS = List.of(MAX_DELAY, FIRST_DELAY);

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
      if (setting != null) {
        property
            .problem(core)
            .ifPresent(
                what -> {
                  wrong.add(property.name());
                  problem(setting, what);
                });
      }
    }
    others.values().forEach(this::judgeOther);
    if (Collections.disjoint(wrong, DELAYS)) {
      judgeDelays(core.consumer().retry(), settings);
    }
    return wrong;
  }

  private void judgeDelays(RetryDefaults retry, Map<String, Setting> settings) {
    if (retry.maxDelay().compareTo(retry.firstDelay()) < 0) {
      // Only one of the two need have been set.
      DELAYS.stream()
          .map(settings::get)
          .filter(Objects::nonNull)
          .findFirst()
          .ifPresent(
              setting ->
                  problem(
                      setting,
                      MAX_DELAY
                          + " ("
                          + retry.maxDelay()
                          + ") must be at least "
                          + FIRST_DELAY
                          + " ("
                          + retry.firstDelay()
                          + ")"));
    }
  }

  private void judgeOther(Setting setting) {
    PropertyVerdict verdict = verdict(setting);
    if (verdict instanceof PropertyVerdict.Refused refused) {
      problem(setting, refused.reason());
    } else if (verdict instanceof PropertyVerdict.Unknown) {
      unknown(setting);
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

  /** The value stays out: what has a wrong name may be a secret that nobody can tell for one. */
  private void unknown(Setting setting) {
    List<String> names = new ArrayList<>(adapters.propertyNames());
    Property.ALL.forEach(property -> names.add(property.name()));
    String text =
        Shown.plain(setting.name())
            + " ("
            + Shown.plain(setting.origin())
            + "): there is no such property"
            + suggestion(setting, names);
    problems.add(text.endsWith("?") ? text : text + ".");
  }

  private static String suggestion(Setting setting, List<String> names) {
    if (setting.name().startsWith("isostream.")) {
      return "; leave the prefix isostream. out here";
    }
    return NearestName.of(setting.name(), names)
        .map(name -> "; did you mean " + calledIn(setting.level(), name) + "?")
        .orElse("");
  }

  private static String calledIn(Setting.Level level, String name) {
    return level == Setting.Level.ENVIRONMENT
        ? name + ", that is " + EnvironmentNames.encode(name)
        : name;
  }

  /** Says what is wrong with a setting, showing its value if it may be shown. */
  void problem(Setting setting, String what) {
    boolean secret = Secrets.isSecretName(setting.name());
    boolean address =
        setting.name().equals(AddressChoice.ADDRESS) || setting.name().equals(AddressChoice.HOSTS);
    String value = address ? Secrets.maskAddress(setting.value()) : setting.value();
    problems.add(
        secrets.scrub(
            Shown.plain(setting.name())
                + " = "
                + (secret ? Secrets.MASK : Shown.quoted(secrets.scrub(value)))
                + " ("
                + Shown.plain(setting.origin())
                + "): "
                + what
                + (what.endsWith(".") ? "" : ".")));
  }
}
