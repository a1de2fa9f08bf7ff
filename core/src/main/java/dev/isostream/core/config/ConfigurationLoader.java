package dev.isostream.core.config;

import dev.isostream.spi.DriverConfig;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads all sources and makes one checked configuration of them. */
public final class ConfigurationLoader {

  private static final String SYSTEM_PREFIX = "isostream.";

  private final Sources sources;
  private final CodeSettings code;
  private final Problems problems = new Problems("The configuration");
  private final Secrets secrets = new Secrets();

  private ConfigurationLoader(Sources sources, CodeSettings code) {
    this.sources = sources;
    this.code = code;
  }

  /**
   * Loads.
   *
   * <p>Fails: {@link dev.isostream.ConfigurationException} with every problem there is (contract
   * E2).
   */
  public static Configuration load(Sources sources, CodeSettings code) {
    return new ConfigurationLoader(sources, code).load();
  }

  private Configuration load() {
    Adapters adapters = new Adapters(sources, problems);
    List<Setting> all = new ArrayList<>(fromFile(adapters));
    boolean complete = problems.isEmpty();
    fromEnvironment(all);
    fromSystem(all);
    fromCode(all);
    Judge judge = new Judge(adapters, secrets, problems);
    judge.learnSecrets(all);
    Map<String, Setting> winners = byName(all);
    AddressChoice choice = new AddressChoice(adapters, judge, problems, winners);
    CoreSettings core = Binder.bind(winners);
    Set<String> wrong = judge.judge(core, winners);
    Optional<AddressChoice.Chosen> chosen = choice.choose(core, wrong, complete);
    problems.throwIfAny();
    AddressChoice.Chosen backend = chosen.orElseThrow();
    return new Configuration(
        backend.provider(),
        new DriverConfig(
            backend.rest(),
            core.clientId(),
            core.requestTimeout(),
            under(backend.provider().scheme(), winners)),
        core.producer(),
        core.consumer(),
        secrets);
  }

  private Collection<Setting> fromFile(Adapters adapters) {
    return new SettingsFile(sources, problems)
        .find(code.file())
        .map(content -> new SettingsParser(content, sections(adapters), problems).parse())
        .orElse(List.of());
  }

  /** Names that only have names below them, and may stand there with nothing below. */
  private static Set<String> sections(Adapters adapters) {
    Set<String> sections = new TreeSet<>(adapters.schemes());
    for (Property property : Property.ALL) {
      String name = property.name();
      for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
        sections.add(name.substring(0, dot));
      }
    }
    return sections;
  }

  private void fromEnvironment(List<Setting> target) {
    Map<String, Setting> byProperty = new HashMap<>();
    new TreeMap<>(sources.environment())
        .forEach(
            (variable, value) -> {
              if (variable.startsWith(EnvironmentNames.PREFIX)) {
                String name = EnvironmentNames.decode(variable);
                Setting setting =
                    new Setting(
                        name, value, Setting.Level.ENVIRONMENT, "environment variable " + variable);
                Setting twin = byProperty.putIfAbsent(name, setting);
                if (twin == null) {
                  target.add(setting);
                } else {
                  problems.add(setting + ": the same as " + twin + "; keep one.");
                }
              }
            });
  }

  private void fromSystem(List<Setting> target) {
    sources
        .systemProperties()
        .forEach(
            (key, value) -> {
              if (key.startsWith(SYSTEM_PREFIX)) {
                String name = key.substring(SYSTEM_PREFIX.length());
                target.add(
                    new Setting(name, value, Setting.Level.SYSTEM, "system property " + key));
              }
            });
  }

  private void fromCode(List<Setting> target) {
    code.properties()
        .forEach(
            (name, value) -> {
              if (!name.equals(AddressChoice.ADDRESS) || code.address().isEmpty()) {
                target.add(
                    new Setting(name, value, Setting.Level.CODE, "MessagingBuilder.property"));
              }
            });
    code.address()
        .ifPresent(
            address ->
                target.add(
                    new Setting(
                        AddressChoice.ADDRESS,
                        address,
                        Setting.Level.CODE,
                        "MessagingBuilder.address")));
  }

  /** The settings that count, by name: of each name the one of the highest level. */
  static Map<String, Setting> byName(Collection<Setting> all) {
    Map<String, Setting> winners = new TreeMap<>();
    all.stream()
        .sorted(Comparator.comparing(Setting::level))
        .forEach(setting -> winners.put(setting.name(), setting));
    return winners;
  }

  private static Map<String, String> under(String scheme, Map<String, Setting> settings) {
    Map<String, String> properties = new HashMap<>();
    String prefix = scheme + ".";
    settings.forEach(
        (name, setting) -> {
          if (name.startsWith(prefix)) {
            properties.put(name.substring(prefix.length()), setting.value());
          }
        });
    return properties;
  }
}
