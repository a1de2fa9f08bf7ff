package dev.isostream.conformance.kinesis;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.isostream.conformance.brokers.Broker;
import dev.isostream.conformance.brokers.Brokers;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** Emulators of their own for all tests of a class; left out where Kinesis is not chosen. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class OwnKinesis {
  private final Brokers brokers = Brokers.fromSystemProperties();
  private Optional<Broker> started = Optional.empty();

  @BeforeAll
  void start() {
    assumeTrue(brokers.isSelected("kinesis"), "Kinesis was not chosen");
    started = Optional.of(brokers.own("kinesis"));
  }

  @AfterAll
  void close() {
    brokers.close();
  }

  final Broker broker() {
    return started.orElseThrow();
  }
}
