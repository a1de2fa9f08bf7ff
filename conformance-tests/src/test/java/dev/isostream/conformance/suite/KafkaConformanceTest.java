package dev.isostream.conformance.suite;

import dev.isostream.conformance.BrokerHarness;
import dev.isostream.conformance.ConformanceSuite;
import dev.isostream.conformance.brokers.Brokers;
import dev.isostream.conformance.report.ReportParts.Where;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;

/** Every rule on a real Kafka, with the classic group protocol. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KafkaConformanceTest extends ConformanceSuite {

  private final Brokers brokers = Brokers.fromSystemProperties();

  @Override
  protected Where where() {
    return new Where("kafka", brokers.isSelected("kafka") ? brokers.mode("kafka").toString() : "-");
  }

  @Override
  protected BrokerHarness open() {
    Selection.require("kafka");
    return new KafkaHarness(brokers, KafkaHarness.CLASSIC);
  }

  @AfterAll
  void closeBrokers() {
    brokers.close();
  }
}
