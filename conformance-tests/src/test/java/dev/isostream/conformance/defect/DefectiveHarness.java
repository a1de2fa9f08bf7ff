package dev.isostream.conformance.defect;

import dev.isostream.Messaging;
import dev.isostream.MessagingBuilder;
import dev.isostream.conformance.Timing;
import dev.isostream.conformance.suite.MemoryHarness;
import dev.isostream.memory.MemoryBroker;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** The memory backend with something broken. */
final class DefectiveHarness extends MemoryHarness {

  /** What the driver's provider finds by the name in its address. */
  private static final Map<String, Variant> RUNNING = new ConcurrentHashMap<>();

  private final String run;
  private final Timing timing;

  DefectiveHarness(Defect defect, Timing timing) {
    this.run = defect.name() + "-" + UUID.randomUUID();
    this.timing = timing;
    RUNNING.put(run, defect.variant().get());
  }

  static Variant running(String run) {
    return Objects.requireNonNull(RUNNING.get(run), () -> "no defective driver " + run);
  }

  @Override
  public Timing timing() {
    return timing;
  }

  @Override
  protected String address(MemoryBroker of) {
    return DefectiveDriverProvider.SCHEME + "://" + run + "/" + of.name();
  }

  /** A member that is broken may never get done with what it holds; so it is not waited for. */
  @Override
  protected Messaging open(MessagingBuilder builder) {
    builder.property("consumer.drain-limit", Duration.ofSeconds(1).toMillis() + "ms");
    // many run at once on few processors; none may be taken for dead for want of one
    builder.property(DefectiveDriverProvider.SCHEME + ".session.timeout", "1500ms");
    return running(run).open(builder);
  }
}
