package dev.isostream.core.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What a component of a bound record may be; its default and meaning are Jackson's annotations. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.PARAMETER)
@interface Allowed {

  /** The smallest value, as it would be configured. */
  String min() default "";

  /** The largest value. */
  String max() default "";

  /** What a text must match. */
  String pattern() default "";

  /** What is allowed, where the bounds do not say it. */
  String words() default "";
}
