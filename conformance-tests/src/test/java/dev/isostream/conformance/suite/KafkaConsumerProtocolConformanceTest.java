package dev.isostream.conformance.suite;

import dev.isostream.conformance.BrokerHarness;
import dev.isostream.conformance.ConformanceSuite;
import dev.isostream.conformance.brokers.Brokers;
import dev.isostream.conformance.report.ReportParts.Where;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;

/** The rules of groups on a real Kafka, with the newer group protocol (KIP-848). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KafkaConsumerProtocolConformanceTest extends ConformanceSuite {

  /** Beside those of groups: where shares come from, move and are lost. */
  private static final Set<String> SHARES =
      Set.of("O1", "D1", "D3", "D5", "D8", "F2", "F3", "F4", "F5");

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

  /** All else is the same code as with the classic protocol. */
  @Override
  protected boolean covers(String rule) {
    return rule.startsWith("G") || SHARES.contains(rule);
  }

  @AfterAll
  void closeBrokers() {
    brokers.close();
  }
}
