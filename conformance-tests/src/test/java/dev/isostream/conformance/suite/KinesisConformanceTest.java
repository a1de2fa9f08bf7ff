package dev.isostream.conformance.suite;

import dev.isostream.conformance.BrokerHarness;
import dev.isostream.conformance.ConformanceSuite;
import dev.isostream.conformance.brokers.Brokers;
import dev.isostream.conformance.report.ReportParts.Where;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;

/** Every rule on emulators of Kinesis and DynamoDB, which the report names. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KinesisConformanceTest extends ConformanceSuite {

  private final Brokers brokers = Brokers.fromSystemProperties();

  @Override
  protected Where where() {
    return new Where(
        "kinesis", brokers.isSelected("kinesis") ? brokers.mode("kinesis").toString() : "-");
  }

  @Override
  protected BrokerHarness open() {
    Selection.require("kinesis");
    return new KinesisHarness(brokers);
  }

  @AfterAll
  void closeBrokers() {
    brokers.close();
  }
}
