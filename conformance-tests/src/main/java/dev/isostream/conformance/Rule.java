package dev.isostream.conformance;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks a test of one rule of {@code docs/semantics.md}. */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Rule {

  /** The rule's id, for example {@code P1}. */
  String value();

  /** Whether it is to run after all others: it judges what they left behind. */
  boolean last() default false;
}
