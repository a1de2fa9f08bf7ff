package dev.isostream.core.config;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.isostream.ConfigurationException;
import dev.isostream.spi.DriverProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A process's surroundings, made up. */
final class TestSources {

  private final Path directory;
  private final Map<String, String> environment = new LinkedHashMap<>();
  private final Map<String, String> system = new LinkedHashMap<>();
  private final Map<String, String> code = new LinkedHashMap<>();
  private Optional<String> address = Optional.empty();
  private Optional<Path> file = Optional.empty();
  private List<DriverProvider> adapters =
      List.of(new FakeAdapter("kafka"), new FakeAdapter("acme"));

  TestSources(Path directory) {
    this.directory = directory;
  }

  TestSources file(String name, String text) {
    return write(directory.resolve("work").resolve(name), text);
  }

  TestSources resource(String name, String text) {
    return write(directory.resolve("classes").resolve(name), text);
  }

  private TestSources write(Path path, String text) {
    try {
      Files.createDirectories(path.getParent());
      Files.writeString(path, text);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  TestSources env(String name, String value) {
    environment.put(name, value);
    return this;
  }

  TestSources system(String name, String value) {
    system.put(name, value);
    return this;
  }

  TestSources code(String name, String value) {
    code.put(name, value);
    return this;
  }

  TestSources address(String value) {
    address = Optional.of(value);
    return this;
  }

  TestSources given(Path path) {
    file = Optional.of(path);
    return this;
  }

  TestSources adapters(DriverProvider... all) {
    adapters = List.of(all);
    return this;
  }

  Configuration load() {
    Sources sources =
        new Sources(
            directory.resolve("work"), this::resources, environment, system, () -> adapters);
    return ConfigurationLoader.load(sources, new CodeSettings(address, file, code));
  }

  private List<URL> resources(String name) {
    Path path = directory.resolve("classes").resolve(name);
    try {
      return Files.exists(path) ? List.of(path.toUri().toURL()) : List.of();
    } catch (MalformedURLException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The report of a configuration that must not load. */
  String problems() {
    ConfigurationException failure = catchThrowableOfType(ConfigurationException.class, this::load);
    if (failure == null) {
      throw new AssertionError("it loads");
    }
    if (failure.getCause() != null) {
      throw new AssertionError("no parser's stack is to be seen", failure);
    }
    return String.valueOf(failure.getMessage());
  }
}
