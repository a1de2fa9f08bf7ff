package dev.isostream.conformance;

import dev.isostream.conformance.report.ReportParts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.opentest4j.AssertionFailedError;

/**
 * All rules against one backend, as JUnit shows them. Extend it by a class that gives the harness.
 *
 * <p>{@code -Dconformance.rules=P1,R2} runs some only; the report shows the rest as not run.
 */
public abstract class ConformanceSuite {

  /** For subclasses. */
  protected ConformanceSuite() {}

  /** The backend's name and how it is had, for the report; known also where it can't be opened. */
  protected abstract ReportParts.Where where();

  /**
   * Opens the backend.
   *
   * <p>Fails: {@link NotAvailableException} where it was chosen not to be run.
   */
  protected abstract BrokerHarness open();

  /**
   * Whether a rule belongs to this suite: all do, unless it is one more way to run a backend that a
   * whole suite covers. What {@code -Dconformance.rules} names is run in any case.
   */
  protected boolean covers(String rule) {
    return true;
  }

  /** One test for each rule's test. */
  @TestFactory
  final Stream<DynamicTest> rules() {
    List<RuleResult> results = new ArrayList<>();
    BrokerHarness harness;
    try {
      harness = open();
    } catch (NotAvailableException e) {
      ReportParts.write(
          where(),
          this::covers,
          RuleCatalog.all().stream().filter(t -> covers(t.rule())).map(t -> notRun(t, e)).toList());
      String name = "not run: " + e.getMessage();
      return Stream.of(DynamicTest.dynamicTest(name, () -> Assumptions.abort(name)));
    }
    Transcript transcript = Transcript.listen(harness.secrets());
    Set<String> chosen = chosen();
    return RuleCatalog.all().stream()
        .filter(test -> chosen.isEmpty() ? covers(test.rule()) : chosen.contains(test.rule()))
        .map(
            test ->
                DynamicTest.dynamicTest(
                    test.name(), () -> runOne(harness, transcript, test, results)))
        .onClose(
            () -> {
              transcript.close();
              harness.close();
              ReportParts.write(where(), this::covers, results);
            });
  }

  private static Set<String> chosen() {
    return Arrays.stream(System.getProperty("conformance.rules", "").split(",", -1))
        .map(String::strip)
        .filter(rule -> !rule.isEmpty())
        .collect(Collectors.toSet());
  }

  private static RuleResult notRun(RuleTest test, NotAvailableException why) {
    return RuleResult.notRun(test, String.valueOf(why.getMessage()));
  }

  private static void runOne(
      BrokerHarness harness, Transcript transcript, RuleTest test, List<RuleResult> results) {
    RuleResult result = RuleRunner.run(harness, transcript, test);
    results.add(result);
    if (result.status() == Status.FAILED) {
      throw new AssertionFailedError(test.name() + ": " + result.reason(), result.failure());
    }
  }
}
