package dev.isostream.core;

import dev.isostream.MemberListener;
import dev.isostream.Messaging;
import dev.isostream.MessagingBuilder;
import dev.isostream.MessagingException;
import dev.isostream.core.config.CodeSettings;
import dev.isostream.core.config.Configuration;
import dev.isostream.core.config.ConfigurationLoader;
import dev.isostream.core.config.Secrets;
import dev.isostream.core.config.Sources;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.errors.Errors;
import dev.isostream.spi.Driver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Collects what is set in code, then loads, checks and opens. One thread only. */
final class DefaultMessagingBuilder implements MessagingBuilder {

  private final Supplier<Sources> sources;
  private final Map<String, String> properties = new LinkedHashMap<>();
  private final List<MemberListener> listeners = new ArrayList<>();
  private @Nullable String address;
  private @Nullable Path file;
  private @Nullable Executor handlerExecutor;

  DefaultMessagingBuilder() {
    this(Sources::ofProcess);
  }

  DefaultMessagingBuilder(Supplier<Sources> sources) {
    this.sources = sources;
  }

  @Override
  public MessagingBuilder address(String value) {
    this.address = Objects.requireNonNull(value, "address");
    return this;
  }

  @Override
  public MessagingBuilder file(Path value) {
    this.file = Objects.requireNonNull(value, "file");
    return this;
  }

  @Override
  public MessagingBuilder property(String name, String value) {
    properties.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
    return this;
  }

  @Override
  public MessagingBuilder handlerExecutor(Executor executor) {
    this.handlerExecutor = Objects.requireNonNull(executor, "executor");
    return this;
  }

  @Override
  public MessagingBuilder listener(MemberListener listener) {
    listeners.add(Objects.requireNonNull(listener, "listener"));
    return this;
  }

  @Override
  public Messaging open() {
    CodeSettings code =
        new CodeSettings(Optional.ofNullable(address), Optional.ofNullable(file), properties);
    Configuration configuration = ConfigurationLoader.load(sources.get(), code);
    SystemRuntime runtime = new SystemRuntime(handlerExecutor);
    Driver driver = openDriver(configuration, runtime);
    EngineContext context =
        new EngineContext(
            driver,
            runtime,
            configuration.driver().clientId(),
            configuration.driver().requestTimeout(),
            listeners);
    return new DefaultMessaging(configuration, context, runtime);
  }

  private static Driver openDriver(Configuration configuration, SystemRuntime runtime) {
    String backend =
        configuration.provider().scheme()
            + "://"
            + Secrets.maskAddress(configuration.driver().address());
    try {
      return configuration
          .provider()
          .open(configuration.driver(), runtime.blocking(), runtime::nanoTime);
    } catch (RuntimeException e) {
      runtime.close();
      throw translate("opening " + backend, configuration.secrets().scrub(e));
    }
  }

  private static MessagingException translate(String doing, Throwable failure) {
    return Errors.translate(doing, failure);
  }
}
