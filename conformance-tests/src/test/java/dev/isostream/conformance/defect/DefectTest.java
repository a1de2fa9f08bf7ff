package dev.isostream.conformance.defect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.conformance.RuleBook;
import dev.isostream.conformance.RuleCatalog;
import dev.isostream.conformance.RuleResult;
import dev.isostream.conformance.RuleRunner;
import dev.isostream.conformance.RuleTest;
import dev.isostream.conformance.Status;
import dev.isostream.conformance.Timing;
import dev.isostream.conformance.Transcript;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Each defect is caught by the tests of the rules it breaks, for their own reason, and by no other
 * rule's test. The rules that it does not break are run where they are of the same families; all of
 * them with {@code -Ddefects.all=true}, and {@code -Ddefects=name,name} runs some defects only.
 */
class DefectTest {

  /** They wait much and work little; but where many work at once, one may be taken for dead. */
  private static final int THREADS = 6;

  /** What is to fail need not be waited for as long as what is to come. */
  private static final Timing BROKEN =
      new Timing(Duration.ofSeconds(4), Duration.ofMillis(60), Duration.ofSeconds(40));

  private static final Timing SOUND =
      new Timing(Duration.ofSeconds(10), Duration.ofMillis(60), Duration.ofSeconds(60));

  @Test
  void everyRuleHasADefect() {
    Set<String> broken = new TreeSet<>();
    Defects.all().forEach(defect -> broken.addAll(defect.breaks().keySet()));
    assertThat(broken).isEqualTo(new TreeSet<>(RuleBook.titles().keySet()));
  }

  @Test
  void noTwoDefectsHaveOneName() {
    assertThat(Defects.all().stream().map(Defect::name)).doesNotHaveDuplicates();
  }

  @TestFactory
  Stream<DynamicTest> eachDefectIsCaughtByTheRulesItBreaksAndByNoOthers() {
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    Map<Defect, List<Future<RuleResult>>> runs = new LinkedHashMap<>();
    chosen().forEach(defect -> runs.put(defect, start(defect, pool)));
    return runs.entrySet().stream()
        .map(
            run ->
                DynamicTest.dynamicTest(
                    run.getKey().name(), () -> judge(run.getKey(), run.getValue())))
        .onClose(pool::shutdownNow);
  }

  private static List<Defect> chosen() {
    String names = System.getProperty("defects", "");
    Set<String> wanted = Set.of(names.split(",", -1));
    return Defects.all().stream()
        .filter(defect -> names.isEmpty() || wanted.contains(defect.name()))
        .toList();
  }

  private static List<Future<RuleResult>> start(Defect defect, ExecutorService pool) {
    List<Future<RuleResult>> started = new ArrayList<>();
    for (RuleTest test : RuleCatalog.all()) {
      if (isToRun(defect, test.rule())) {
        started.add(pool.submit(() -> run(defect, test)));
      }
    }
    return started;
  }

  private static boolean isToRun(Defect defect, String rule) {
    return Boolean.getBoolean("defects.all")
        || defect.breaks().keySet().stream().anyMatch(each -> each.charAt(0) == rule.charAt(0));
  }

  private static RuleResult run(Defect defect, RuleTest test) {
    boolean breaks = defect.breaks().containsKey(test.rule());
    DefectiveHarness harness = new DefectiveHarness(defect, breaks ? BROKEN : SOUND);
    try (Transcript transcript = Transcript.listen(harness.secrets())) {
      return RuleRunner.run(harness, transcript, test);
    } finally {
      harness.close();
    }
  }

  private static void judge(Defect defect, List<Future<RuleResult>> started) throws Exception {
    Set<String> uncaught = new TreeSet<>(defect.breaks().keySet());
    List<String> wrong = new ArrayList<>();
    for (Future<RuleResult> each : started) {
      RuleResult result = each.get();
      if (result.status() == Status.FAILED) {
        if (defect.isStatedBy(result.test().rule(), result.reason())) {
          uncaught.remove(result.test().rule());
        } else {
          wrong.add(result.test().name() + " fails with: " + result.reason());
        }
      }
    }
    assertThat(wrong)
        .as("what %s was not said to break, or not for this reason", defect.name())
        .isEmpty();
    assertThat(uncaught).as("rules that %s breaks uncaught", defect.name()).isEmpty();
  }
}
