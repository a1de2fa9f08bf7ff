package dev.isostream.benchmarks.rounds;

import dev.isostream.benchmarks.report.Measurement;
import dev.isostream.benchmarks.report.Numbers;
import dev.isostream.benchmarks.report.Profile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Has the contestants do a workload in turn, another one first each time, with a collected heap;
 * the first rounds don't count.
 */
final class Rounds {

  private final String backend;
  private final List<Contestant> contestants;
  private final int warmUps;
  private final int rounds;
  private final Optional<Path> profiles;
  private int number;

  Rounds(
      String backend,
      List<Contestant> contestants,
      int warmUps,
      int rounds,
      Optional<Path> profiles) {
    this.backend = backend;
    this.contestants = contestants;
    this.warmUps = warmUps;
    this.rounds = rounds;
    this.profiles = profiles;
  }

  /** By contestant, the values of each round, by metric. */
  private final class Values {
    private final Map<String, Map<String, List<Double>>> all = new TreeMap<>();

    void add(Contestant contestant, Map<String, Double> round) {
      Map<String, List<Double>> its = all.computeIfAbsent(contestant.name(), n -> new TreeMap<>());
      round.forEach(
          (metric, value) -> its.computeIfAbsent(metric, m -> new ArrayList<>()).add(value));
    }

    private List<Double> of(String contestant, String metric) {
      return all.getOrDefault(contestant, Map.of()).getOrDefault(metric, List.of());
    }

    List<Measurement> measurements(String workload) {
      List<Measurement> measured = new ArrayList<>();
      for (Contestant contestant : contestants) {
        all.getOrDefault(contestant.name(), Map.of())
            .forEach(
                (metric, values) ->
                    measured.add(
                        new Measurement(
                            backend,
                            workload,
                            contestant.name(),
                            metric,
                            Numbers.median(values),
                            ratio(values, of(Measurement.RAW, metric)))));
      }
      return measured;
    }
  }

  /** Round by round, so that what changes while all this runs changes both. */
  private static double ratio(List<Double> values, List<Double> raw) {
    if (raw.isEmpty()) {
      return 1;
    }
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      ratios.add(values.get(i) / raw.get(Math.min(i, raw.size() - 1)));
    }
    return Numbers.median(ratios);
  }

  List<Measurement> play(Workload workload) throws IOException {
    workload.prepare();
    Values values = new Values();
    int warm = workload.warmUps(warmUps);
    int all = warm + workload.rounds(rounds);
    for (int i = 0; i < all; i++) {
      for (int turn = 0; turn < contestants.size(); turn++) {
        Contestant contestant = contestants.get((i + turn) % contestants.size());
        if (!contestant.takesPartIn(workload.name())) {
          continue;
        }
        boolean raw = contestant.name().equals(Measurement.RAW);
        if (raw && workload.rawOnce() && i != warm) {
          continue;
        }
        Map<String, Double> round = run(workload, contestant, i == all - 1);
        System.out.println(
            (i < warm ? "warm-up " : "")
                + workload.name()
                + ", "
                + contestant.name()
                + ": "
                + round);
        if (i >= warm) {
          values.add(contestant, round);
        }
      }
    }
    workload.cleanUp();
    return values.measurements(workload.name());
  }

  @SuppressWarnings("try") // a recording goes on until it is closed
  private Map<String, Double> run(Workload workload, Contestant contestant, boolean last)
      throws IOException {
    String name = Integer.toString(number++);
    System.gc();
    if (last && profiles.isPresent()) {
      try (Profile profile =
          Profile.start(profiles.get(), workload.name() + " " + contestant.name())) {
        return workload.run(contestant, name);
      }
    }
    return workload.run(contestant, name);
  }
}
