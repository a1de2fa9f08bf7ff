package dev.isostream.core.config;

import dev.isostream.spi.DriverProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.ServiceLoader;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What a process has around it that settings come from; tests have their own.
 *
 * @param resources finds resources on the class path by name
 * @param adapters finds the adapters on the class path
 */
public record Sources(
    Path workingDirectory,
    Function<String, List<URL>> resources,
    Map<String, String> environment,
    Map<String, String> systemProperties,
    Supplier<List<DriverProvider>> adapters) {

  /** Those of this process, as they are now. */
  public static Sources ofProcess() {
    ClassLoader own = Sources.class.getClassLoader();
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    ClassLoader loader = context == null ? own : context;
    return new Sources(
        Path.of(""),
        name -> resources(loader, name),
        System.getenv(),
        systemPropertiesNow(),
        () ->
            ServiceLoader.load(DriverProvider.class, DriverProvider.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .toList());
  }

  private static List<URL> resources(ClassLoader loader, String name) {
    try {
      return Collections.list(loader.getResources(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> systemPropertiesNow() {
    Properties properties = System.getProperties();
    Map<String, String> copy = new HashMap<>();
    properties
        .stringPropertyNames()
        .forEach(name -> copy.put(name, properties.getProperty(name, "")));
    return copy;
  }

  /** Without values, which may be secrets. */
  @Override
  public String toString() {
    return "Sources[" + workingDirectory.toAbsolutePath() + "]";
  }
}
