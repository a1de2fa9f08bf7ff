package dev.isostream.conformance.suite;

import dev.isostream.conformance.BrokerHarness;
import dev.isostream.conformance.ConformanceSuite;
import dev.isostream.conformance.brokers.Brokers;
import dev.isostream.conformance.report.ReportParts.Where;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;

/** Every rule on a real RabbitMQ. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RabbitConformanceTest extends ConformanceSuite {

  private final Brokers brokers = Brokers.fromSystemProperties();

  @Override
  protected Where where() {
    return new Where(
        "rabbitmq", brokers.isSelected("rabbitmq") ? brokers.mode("rabbitmq").toString() : "-");
  }

  @Override
  protected BrokerHarness open() {
    Selection.require("rabbitmq");
    return new RabbitHarness(brokers);
  }

  @AfterAll
  void closeBrokers() {
    brokers.close();
  }
}
