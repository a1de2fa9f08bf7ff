package dev.isostream.conformance.suite;

import dev.isostream.conformance.BrokerHarness;
import dev.isostream.conformance.ConformanceSuite;
import dev.isostream.conformance.brokers.Brokers;
import dev.isostream.conformance.report.ReportParts.Where;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;

/** The rules of groups on a real Kafka, with the newer group protocol (KIP-848). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KafkaConsumerProtocolConformanceTest extends ConformanceSuite {

  private final Brokers brokers = Brokers.fromSystemProperties();

  @Override
  protected Where where() {
    String mode = brokers.isSelected("kafka") ? brokers.mode("kafka").toString() : "-";
    return new Where("kafka", mode + "-consumer-protocol");
  }

  @Override
  protected BrokerHarness open() {
    Selection.require("kafka");
    return new KafkaHarness(brokers, KafkaHarness.CONSUMER);
  }

  /** What has to do with groups; all else is the same code as with the classic protocol. */
  @Override
  protected boolean covers(String rule) {
    return "GODF".indexOf(rule.charAt(0)) >= 0;
  }

  @AfterAll
  void closeBrokers() {
    brokers.close();
  }
}
