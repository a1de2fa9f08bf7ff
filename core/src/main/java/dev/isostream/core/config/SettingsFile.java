package dev.isostream.core.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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
    return given.isPresent() ? readGiven(given.get()) : findFile();
  }

  private Optional<Content> readGiven(Path file) {
    String name = String.valueOf(file.getFileName());
    if (SUFFIXES.stream().noneMatch(name::endsWith)) {
      problems.add(
          "file = "
              + Shown.quoted(file.toString())
              + " (MessagingBuilder.file): the name must end in "
              + String.join(", ", SUFFIXES)
              + ".");
      return Optional.empty();
    }
    return read(file.toString(), name, () -> Files.newInputStream(file));
  }

  private Optional<Content> findFile() {
    List<Path> files =
        NAMES.stream()
            .map(name -> sources.workingDirectory().resolve(name))
            .filter(Files::isRegularFile)
            .toList();
    if (files.size() > 1) {
      tooMany(
          "the working directory",
          files.stream().map(file -> String.valueOf(file.getFileName())).toList());
      return Optional.empty();
    }
    if (files.isEmpty()) {
      return findResource();
    }
    Path file = files.get(0);
    String name = String.valueOf(file.getFileName());
    return read(name, name, () -> Files.newInputStream(file));
  }

  private Optional<Content> findResource() {
    // By address, as a class path may name one place twice.
    Map<String, URL> found = new TreeMap<>();
    Map<String, String> names = new TreeMap<>();
    try {
      for (String name : NAMES) {
        for (URL url : sources.resources().apply(name)) {
          found.put(url.toString(), url);
          names.put(url.toString(), name);
        }
      }
    } catch (UncheckedIOException e) {
      problems.add("The class path can't be searched for isostream.yaml: " + e.getMessage());
      return Optional.empty();
    }
    if (found.size() > 1) {
      tooMany("the class path", new ArrayList<>(found.keySet()));
      return Optional.empty();
    }
    return found.entrySet().stream()
        .findFirst()
        .flatMap(
            entry -> {
              String name = names.getOrDefault(entry.getKey(), "");
              return read(name + " on the class path", name, () -> entry.getValue().openStream());
            });
  }

  private void tooMany(String place, List<String> files) {
    problems.add(
        "There are "
            + files.size()
            + " configuration files in "
            + place
            + ", of which none goes first: "
            + files.stream().map(Shown::plain).collect(Collectors.joining(", "))
            + ". Keep one, or name one with MessagingBuilder.file.");
  }

  private Optional<Content> read(String shown, String name, Opener opener) {
    try (InputStream in = opener.open()) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        problems.add(
            shown + ": larger than " + ByteSizes.format(MAX_BYTES) + ", the most that is read.");
        return Optional.empty();
      }
      return Optional.of(new Content(shown, name, bytes));
    } catch (IOException e) {
      problems.add(shown + ": can't be read: " + reason(e) + ".");
      return Optional.empty();
    }
  }

  private static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "there is no such file";
    }
    return e instanceof AccessDeniedException ? "no permission" : String.valueOf(e.getMessage());
  }
}
