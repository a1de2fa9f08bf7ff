package dev.isostream.conformance;

import dev.isostream.conformance.scene.Scene;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

/**
 * One test of one rule.
 *
 * @param rule the rule's id
 * @param last see {@link Rule#last}
 */
public record RuleTest(String rule, boolean last, Method method) {

  /** The rule's id and what the method says. */
  public String name() {
    return rule + " " + method.getName();
  }

  /** Runs it in this scene. Fails: with whatever the test fails with. */
  void run(Scene scene) throws Throwable {
    Object family =
        method.getDeclaringClass().getDeclaredConstructor(Scene.class).newInstance(scene);
    try {
      method.invoke(family);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }
}
