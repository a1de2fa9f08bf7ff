package dev.isostream.benchmarks;

import dev.isostream.benchmarks.rounds.Backends;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What to run.
 *
 * @param quick a look in two minutes in place of a measurement in ten
 * @param parts {@code engine}, and the names of backends
 * @param workload only those whose names start so
 * @param contestant only this one; for profiles
 * @param address of the part's broker, {@code host:port}; else one is started
 * @param out where the two files are written; else the numbers are printed only
 * @param profiles where to leave recordings of what Isostream did
 */
public record Options(
    boolean quick,
    List<String> parts,
    String workload,
    Optional<String> contestant,
    Optional<String> address,
    Optional<Path> out,
    Optional<Path> profiles) {

  /** As a text for who typed something else. */
  public static final String USAGE =
      """
      Options:
        --quick              a look in two minutes, not a measurement
        --part <name>        engine, or a backend: kafka, ...; all if left out
        --workload <start>   only workloads whose names start so
        --contestant <name>  only raw, isostream or another one; for profiles
        --address <host:port>  the part's broker; if left out, one is started
        --out <directory>    writes benchmarks.md and benchmarks.json there; of parts that are not
                             run the numbers stay
        --profile <directory>  leaves recordings there, and prints where the time went
      """;

  /** The part that needs no broker. */
  static final String ENGINE = "engine";

  /** The part that counts what is billed, too. */
  static final String KINESIS = "kinesis";

  private static final List<String> PARTS =
      Stream.of(Stream.of(ENGINE), Backends.names().stream(), Stream.of(KINESIS))
          .flatMap(parts -> parts)
          .toList();

  /** Reads a command line. Fails: {@link IllegalArgumentException}. */
  static Options parse(List<String> arguments) {
    Options options =
        new Options(
            false,
            PARTS,
            "",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    Iterator<String> left = arguments.iterator();
    while (left.hasNext()) {
      options = options.with(left.next(), left);
    }
    if (options.out.isPresent() && !options.isWhole()) {
      throw new IllegalArgumentException(
          "--out takes whole parts only: leave out --workload and --contestant");
    }
    if (options.address.isPresent() && options.parts.equals(PARTS)) {
      throw new IllegalArgumentException("--address is of one part's broker: give --part as well");
    }
    return options;
  }

  private boolean isWhole() {
    return workload.isEmpty() && contestant.isEmpty();
  }

  private Options with(String name, Iterator<String> left) {
    if (name.equals("--quick")) {
      return new Options(true, parts, workload, contestant, address, out, profiles);
    }
    if (!left.hasNext()) {
      throw new IllegalArgumentException("Unknown, or without its value: " + name);
    }
    String value = left.next();
    return switch (name) {
      case "--part" ->
          new Options(
              quick, List.of(oneOf(PARTS, value)), workload, contestant, address, out, profiles);
      case "--workload" -> new Options(quick, parts, value, contestant, address, out, profiles);
      case "--contestant" ->
          new Options(quick, parts, workload, Optional.of(value), address, out, profiles);
      case "--address" ->
          new Options(quick, parts, workload, contestant, Optional.of(value), out, profiles);
      case "--out" ->
          new Options(
              quick, parts, workload, contestant, address, Optional.of(Path.of(value)), profiles);
      case "--profile" ->
          new Options(
              quick, parts, workload, contestant, address, out, Optional.of(Path.of(value)));
      default -> throw new IllegalArgumentException("Unknown option: " + name);
    };
  }

  private static String oneOf(List<String> allowed, String value) {
    if (!allowed.contains(value)) {
      throw new IllegalArgumentException(value + " is none of " + allowed);
    }
    return value;
  }
}
