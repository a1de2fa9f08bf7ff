package dev.isostream.conformance.brokers;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Emulators of Kinesis and DynamoDB, and a process in front of them, with one port for both
 * services.
 *
 * <p>The services keep what they have confirmed, whatever of them fails; the emulators keep it in
 * memory. So it is the process in front that is killed, stopped and paused: connections end as with
 * any process that dies, what was under way is carried out or not, and nobody is told.
 */
final class KinesisFront extends LocalBroker {
  private static final String READY = "Front ready";
  private static final int PORTS = 3;
  private static final int FRONT = 0;
  private static final int LOGIN = 1;
  private static final int TLS = 2;

  private final KinesisStores stores;
  private final @Nullable KinesisGuard guard;

  /** In front of emulators that are child processes. */
  static KinesisFront local(BrokerSettings settings, boolean guarded) {
    KinesisProgram program = KinesisProgram.find(settings);
    return new KinesisFront(
        settings, BrokerMode.LOCAL, directory -> new KinesisEmulators(program, directory), guarded);
  }

  /** In front of emulators in a container. */
  static KinesisFront contained(BrokerSettings settings, String image, boolean guarded) {
    return new KinesisFront(
        settings, BrokerMode.CONTAINERS, directory -> new KinesisContainer(image), guarded);
  }

  /**
   * One that has not been started.
   *
   * @param stores the emulators, of a directory for their files
   */
  private KinesisFront(
      BrokerSettings settings,
      BrokerMode mode,
      Function<Path, KinesisStores> stores,
      boolean guarded) {
    super(settings, "kinesis", "Kinesis", mode, PORTS, FRONT, READY);
    this.stores = stores.apply(directory());
    this.guard =
        guarded
            ? KinesisGuard.with(SelfSignedCertificate.make(directory(), List.of(HOST, "localhost")))
            : null;
  }

  @Override
  public String version() {
    return stores.version();
  }

  @Override
  public Map<String, String> properties() {
    return KinesisGuard.anybody();
  }

  @Override
  public Optional<BrokerSecurity> security() {
    return Optional.ofNullable(guard).map(present -> present.at(at(LOGIN), at(TLS)));
  }

  @Override
  ProcessBuilder prepare() {
    stores.start();
    ProcessBuilder command =
        new ProcessBuilder("node", KinesisProgram.front(directory()).toString());
    Map<String, String> environment = command.environment();
    environment.put("EMULATORS_HOST", stores.host());
    environment.put("EMULATORS_KINESIS_PORT", Integer.toString(stores.kinesisPort()));
    environment.put("EMULATORS_DYNAMODB_PORT", Integer.toString(stores.dynamoDbPort()));
    environment.put("EMULATORS_FRONT_PORT", Integer.toString(port(FRONT)));
    environment.put("EMULATORS_FRONT_READY", READY);
    if (guard != null) {
      environment.putAll(guard.environment(port(LOGIN), port(TLS)));
    }
    return command;
  }

  @Override
  void end() {
    stores.close();
  }
}
