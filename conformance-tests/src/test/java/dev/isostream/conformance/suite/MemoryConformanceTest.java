package dev.isostream.conformance.suite;

import dev.isostream.conformance.BrokerHarness;
import dev.isostream.conformance.ConformanceSuite;
import dev.isostream.conformance.report.ReportParts.Where;

/** Every rule on the memory backend. */
class MemoryConformanceTest extends ConformanceSuite {

  @Override
  protected Where where() {
    return new Where("memory", "embedded");
  }

  @Override
  protected BrokerHarness open() {
    Selection.require("memory");
    return new MemoryHarness();
  }
}
