/**
 * The conformance kit: the rules of {@code docs/semantics.md} as tests that any adapter can run.
 *
 * <p>An adapter's author implements {@link dev.isostream.conformance.BrokerHarness} once and
 * extends {@link dev.isostream.conformance.ConformanceSuite} by a class of a few lines; JUnit then
 * shows one test for each rule's test, in the IDE and in the build.
 *
 * <p>How rules run: a rule's tests are methods with {@link dev.isostream.conformance.Rule} in the
 * final classes of {@link dev.isostream.conformance.rules}; {@link
 * dev.isostream.conformance.RuleCatalog} finds them, {@link dev.isostream.conformance.RuleRunner}
 * runs one against a harness with a fresh {@link dev.isostream.conformance.scene.Scene} and makes a
 * {@link dev.isostream.conformance.RuleResult} of it. They are not JUnit test methods, for three
 * reasons: nobody can override or disable one, the kit can run them against deliberately broken
 * drivers and expect them to fail, and each result carries its evidence. Nothing is retried.
 *
 * <p>To add a rule's test: a method in the class of its family, {@code @Rule("X1")}, that takes
 * what it needs from its scene, records what happens (the scene's senders, probes and workers do),
 * and states what it looks for through {@link dev.isostream.conformance.scene.Scene#verify}. A test
 * that leaves no evidence fails.
 *
 * <p>The report of a run is {@code target/conformance/report.json}, {@code .md} and {@code .html}.
 */
@NullMarked
package dev.isostream.conformance;

import org.jspecify.annotations.NullMarked;
