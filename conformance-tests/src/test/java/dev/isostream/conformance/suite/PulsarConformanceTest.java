package dev.isostream.conformance.suite;

import dev.isostream.conformance.BrokerHarness;
import dev.isostream.conformance.ConformanceSuite;
import dev.isostream.conformance.brokers.Brokers;
import dev.isostream.conformance.report.ReportParts.Where;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;

/** Every rule on a real Pulsar. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PulsarConformanceTest extends ConformanceSuite {

  private final Brokers brokers = Brokers.fromSystemProperties();

  @Override
  protected Where where() {
    return new Where(
        "pulsar", brokers.isSelected("pulsar") ? brokers.mode("pulsar").toString() : "-");
  }

  @Override
  protected BrokerHarness open() {
    Selection.require("pulsar");
    return new PulsarHarness(brokers);
  }

  @AfterAll
  void closeBrokers() {
    brokers.close();
  }
}
