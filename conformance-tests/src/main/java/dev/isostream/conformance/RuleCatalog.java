package dev.isostream.conformance;

import dev.isostream.conformance.rules.AttemptRules;
import dev.isostream.conformance.rules.DeadLetterRules;
import dev.isostream.conformance.rules.DeliveryRules;
import dev.isostream.conformance.rules.ErrorRules;
import dev.isostream.conformance.rules.FidelityRules;
import dev.isostream.conformance.rules.FlowRules;
import dev.isostream.conformance.rules.GivingUpRules;
import dev.isostream.conformance.rules.GroupRules;
import dev.isostream.conformance.rules.HandlerRules;
import dev.isostream.conformance.rules.KillerRules;
import dev.isostream.conformance.rules.MembershipRules;
import dev.isostream.conformance.rules.OrderRules;
import dev.isostream.conformance.rules.PublishRules;
import dev.isostream.conformance.rules.ReplayRules;
import dev.isostream.conformance.rules.RetryRules;
import dev.isostream.conformance.rules.StreamRules;
import dev.isostream.conformance.rules.SurvivalRules;
import dev.isostream.conformance.rules.WireRules;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** All tests of all rules. Stateless. */
public final class RuleCatalog {

  private static final String FAMILIES = "PGODRFEW";

  private static final List<Class<?>> CLASSES =
      List.of(
          PublishRules.class,
          FidelityRules.class,
          GroupRules.class,
          MembershipRules.class,
          OrderRules.class,
          SurvivalRules.class,
          RetryRules.class,
          AttemptRules.class,
          DeadLetterRules.class,
          GivingUpRules.class,
          HandlerRules.class,
          DeliveryRules.class,
          KillerRules.class,
          FlowRules.class,
          StreamRules.class,
          ReplayRules.class,
          ErrorRules.class,
          WireRules.class);

  private static final Comparator<RuleTest> ORDER =
      Comparator.comparing(RuleTest::last)
          .thenComparingInt(test -> FAMILIES.indexOf(test.rule().charAt(0)))
          .thenComparingInt(test -> Integer.parseInt(test.rule().substring(1)))
          .thenComparing(test -> test.method().getName());

  private RuleCatalog() {}

  /** The classes that hold them. */
  public static List<Class<?>> classes() {
    return CLASSES;
  }

  /** All tests, by rule; those that judge what the others left behind at the end. */
  public static List<RuleTest> all() {
    return CLASSES.stream()
        .flatMap(family -> Arrays.stream(family.getDeclaredMethods()))
        .filter(method -> method.isAnnotationPresent(Rule.class))
        .map(RuleCatalog::test)
        .sorted(ORDER)
        .toList();
  }

  private static RuleTest test(Method method) {
    Rule rule = method.getAnnotation(Rule.class);
    method.setAccessible(true);
    return new RuleTest(rule.value(), rule.last(), method);
  }

  /** The ids that have a test. */
  public static Set<String> rules() {
    Set<String> ids = new TreeSet<>(Comparator.comparingInt(RuleCatalog::rank));
    all().forEach(test -> ids.add(test.rule()));
    return ids;
  }

  /** For sorting ids as the contract lists them. */
  public static int rank(String rule) {
    return FAMILIES.indexOf(rule.charAt(0)) * 1000 + Integer.parseInt(rule.substring(1));
  }
}
