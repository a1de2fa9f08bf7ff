package dev.isostream.benchmarks.rounds;

import dev.isostream.benchmarks.report.Measurement;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/**
 * The backends that are measured; each is registered in {@code
 * META-INF/services/dev.isostream.benchmarks.rounds.Backend}. Stateless.
 */
public final class Backends {

  private Backends() {}

  private static List<Backend> all() {
    return ServiceLoader.load(Backend.class).stream().map(ServiceLoader.Provider::get).toList();
  }

  /** Their names, in the order in which they are registered. */
  public static List<String> names() {
    return all().stream().map(Backend::name).toList();
  }

  /** The backend of this name. Fails: {@link IllegalArgumentException} where there is none. */
  public static Backend named(String name) {
    return all().stream()
        .filter(backend -> backend.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(name + " is none of " + names()));
  }

  /** All that do a backend's work, the plain client first; each to be closed. */
  static List<Contestant> contestants(Backend backend, Clients clients) {
    List<Contestant> all = new ArrayList<>();
    all.add(backend.raw(clients));
    all.add(new Isostream(backend, clients));
    all.addAll(backend.others(clients));
    return all;
  }

  /** One of them; see {@link Measurement#contestant}. */
  static Contestant contestant(Backend backend, Clients clients, String name) {
    List<Contestant> all = contestants(backend, clients);
    all.stream().filter(each -> !each.name().equals(name)).forEach(Contestant::close);
    return all.stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("nobody is called " + name));
  }
}
