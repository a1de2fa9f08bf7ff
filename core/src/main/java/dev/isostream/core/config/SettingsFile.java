package dev.isostream.core.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds and reads the one file: the one given, else in the working directory, else as resource. */
final class SettingsFile {

  /** In this order in messages; there is no precedence among them. */
  static final List<String> NAMES =
      List.of("isostream.yaml", "isostream.yml", "isostream.properties", "isostream.json");

  static final int MAX_BYTES = 1 << 20;

  private static final List<String> SUFFIXES = List.of(".yaml", ".yml", ".properties", ".json");

  /**
   * The file's content.
   *
   * @param shown what to call it in messages
   * @param name its name, whose ending says what is in it
   */
  record Content(String shown, String name, byte[] bytes) {}

  /** Opens a file of some kind. */
  private interface Opener {
    InputStream open() throws IOException;
  }

  private final Sources sources;
  private final Problems problems;

  SettingsFile(Sources sources, Problems problems) {
    this.sources = sources;
    this.problems = problems;
  }

  /** Empty where there is none, and where there is a problem, which then has been told. */
  Optional<Content> find(Optional<Path> given) {
    try {
      return given.isPresent() ? readGiven(given.get()) : findFile();
    } catch (UncheckedIOException e) {
      problems.add("The class path can't be searched for isostream.yaml: " + e.getMessage());
      return Optional.empty();
    }
  }

  private Optional<Content> readGiven(Path file) {
    String name = String.valueOf(file.getFileName());
    if (SUFFIXES.stream().noneMatch(name::endsWith)) {
      problems.add(
          "file = %s (MessagingBuilder.file): the name must end in %s."
              .formatted(Shown.quoted(file.toString()), String.join(", ", SUFFIXES)));
      return Optional.empty();
    }
    return read(file.toString(), name, () -> Files.newInputStream(file));
  }

  private Optional<Content> findFile() {
    // By address, as a class path may name one place twice.
    Map<String, Opener> files = new LinkedHashMap<>();
    Map<String, Opener> resources = new LinkedHashMap<>();
    for (String name : NAMES) {
      Path file = sources.workingDirectory().resolve(name);
      if (Files.isRegularFile(file)) {
        files.put(name, () -> Files.newInputStream(file));
      }
      sources
          .resources()
          .apply(name)
          .forEach(url -> resources.put(url.toString(), url::openStream));
    }
    boolean here = !files.isEmpty();
    Map<String, Opener> found = here ? files : resources;
    if (found.size() > 1) {
      String names = found.keySet().stream().map(Shown::plain).collect(Collectors.joining(", "));
      problems.add(
          ("There are %d configuration files in %s, of which none goes first: %s. Keep one, or name"
                  + " one with MessagingBuilder.file.")
              .formatted(found.size(), here ? "the working directory" : "the class path", names));
      return Optional.empty();
    }
    return found.entrySet().stream()
        .findFirst()
        .flatMap(
            one -> {
              String name = one.getKey().substring(one.getKey().lastIndexOf('/') + 1);
              return read(here ? name : name + " on the class path", name, one.getValue());
            });
  }

  private Optional<Content> read(String shown, String name, Opener opener) {
    try (InputStream in = opener.open()) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        problems.add(shown + ": larger than 1MiB, the most that is read.");
        return Optional.empty();
      }
      return Optional.of(new Content(shown, name, bytes));
    } catch (NoSuchFileException e) {
      problems.add(shown + ": can't be read: there is no such file.");
    } catch (AccessDeniedException e) {
      problems.add(shown + ": can't be read: no permission.");
    } catch (IOException e) {
      problems.add(shown + ": can't be read: " + e.getMessage() + ".");
    }
    return Optional.empty();
  }
}
