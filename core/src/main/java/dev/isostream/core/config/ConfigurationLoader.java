package dev.isostream.core.config;

import dev.isostream.core.config.Setting.Level;
import dev.isostream.spi.DriverConfig;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

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
    all.addAll(fromEnvironment());
    fromSystemAndCode(all);
    Judge judge = new Judge(adapters, secrets, problems);
    judge.learnSecrets(all);
    Map<String, Setting> winners = new TreeMap<>();
    all.forEach(setting -> winners.put(setting.name(), setting));
    AddressChoice choice = new AddressChoice(adapters, judge, problems, winners);
    CoreSettings core = Binder.bind(winners);
    Set<String> wrong = judge.judge(core, winners);
    Optional<AddressChoice.Chosen> chosen = choice.choose(core, wrong, complete);
    problems.throwIfAny();
    AddressChoice.Chosen backend = chosen.orElseThrow();
    Map<String, String> under = under(backend.provider().scheme() + ".", winners);
    return new Configuration(
        backend.provider(),
        new DriverConfig(backend.rest(), core.clientId(), core.requestTimeout(), under),
        core.producer(),
        core.consumer(),
        secrets);
  }

  private Collection<Setting> fromFile(Adapters adapters) {
    Predicate<String> isSection =
        name ->
            adapters.schemes().contains(name)
                || Property.ALL.stream().anyMatch(known -> known.name().startsWith(name + "."));
    return new SettingsFile(sources, problems)
        .find(code.file())
        .map(content -> new SettingsParser(content, isSection, problems).parse())
        .orElse(List.of());
  }

  private Collection<Setting> fromEnvironment() {
    Map<String, Setting> found = new HashMap<>();
    for (Map.Entry<String, String> entry : new TreeMap<>(sources.environment()).entrySet()) {
      if (entry.getKey().startsWith(EnvironmentNames.PREFIX)) {
        String origin = "environment variable " + entry.getKey();
        String name = EnvironmentNames.decode(entry.getKey());
        Setting setting = new Setting(name, entry.getValue(), Level.ENVIRONMENT, origin);
        Setting twin = found.putIfAbsent(name, setting);
        if (twin != null) {
          problems.add(setting + ": the same as " + twin + "; keep one.");
        }
      }
    }
    return found.values();
  }

  private void fromSystemAndCode(List<Setting> all) {
    sources
        .systemProperties()
        .forEach(
            (key, value) -> {
              if (key.startsWith(SYSTEM_PREFIX)) {
                String name = key.substring(SYSTEM_PREFIX.length());
                all.add(new Setting(name, value, Level.SYSTEM, "system property " + key));
              }
            });
    code.properties()
        .forEach((name, value) -> all.add(ofCode(name, value, "MessagingBuilder.property")));
    code.address()
        .ifPresent(
            value -> all.add(ofCode(AddressChoice.ADDRESS, value, "MessagingBuilder.address")));
  }

  private static Setting ofCode(String name, String value, String origin) {
    return new Setting(name, value, Level.CODE, origin);
  }

  private static Map<String, String> under(String prefix, Map<String, Setting> settings) {
    return settings.values().stream()
        .filter(setting -> setting.name().startsWith(prefix))
        .collect(
            Collectors.toMap(setting -> setting.name().substring(prefix.length()), Setting::value));
  }
}
