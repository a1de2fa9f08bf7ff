/**
 * Real brokers for tests, the quickstart and the benchmarks: found or started, killed, cut off, and
 * always cleaned up.
 *
 * <p>{@link dev.isostream.conformance.brokers.Brokers} is the entry. It knows three ways to a
 * broker ({@link dev.isostream.conformance.brokers.BrokerMode}) and takes its settings from system
 * properties that start with {@code brokers}. {@link dev.isostream.conformance.brokers.TcpProxy}
 * and {@link dev.isostream.conformance.brokers.ChildJvm} are the other two tools of a fault test: a
 * network that fails, and a member that can be killed for real.
 *
 * <p>Nothing here depends on a test framework or on the driver SPI.
 */
@NullMarked
package dev.isostream.conformance.brokers;

import org.jspecify.annotations.NullMarked;
