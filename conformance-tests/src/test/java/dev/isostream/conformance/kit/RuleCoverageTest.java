package dev.isostream.conformance.kit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.conformance.Rule;
import dev.isostream.conformance.RuleBook;
import dev.isostream.conformance.RuleCatalog;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RuleCoverageTest {

  @Test
  void everyRuleHasATestAndEveryTestARule() {
    assertThat(RuleCatalog.rules()).isEqualTo(RuleBook.titles().keySet());
  }

  @Test
  void nobodyCanOverrideATest() {
    for (Class<?> family : RuleCatalog.classes()) {
      assertThat(Modifier.isFinal(family.getModifiers())).as("%s is final", family).isTrue();
    }
  }

  /** A method that only looks like a test would never run. */
  @Test
  void everyMethodThatCouldBeATestIsOne() {
    for (Class<?> family : RuleCatalog.classes()) {
      List<Method> unmarked =
          Arrays.stream(family.getDeclaredMethods())
              .filter(m -> !Modifier.isPrivate(m.getModifiers()) && !m.isSynthetic())
              .filter(m -> !m.isAnnotationPresent(Rule.class))
              .toList();
      assertThat(unmarked).as("methods of %s that are no tests and not private", family).isEmpty();
    }
  }
}
