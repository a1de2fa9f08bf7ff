/**
 * Pulsar by its own client and admin client. Nothing here is for applications; see the adapter's
 * page.
 *
 * <p>Who does what: {@code PulsarProperties} and {@code PulsarConfig} what may be set, {@code
 * PulsarDriver} what is open, {@code PulsarClients} the native clients and what is asked of them,
 * {@code PulsarSink} appends, {@code PulsarSource} reads ({@code PulsarMember} with a group),
 * {@code PulsarLog} is a topic that decides by its order, for {@code PulsarGroup} (a group's leases
 * and cursors, by {@link dev.isostream.spi.log.LogGroup}), {@code PulsarTrail} shows what is
 * settled in the native subscription, {@code PulsarAdmin} is the rest; {@code PulsarRecords} and
 * {@code PulsarErrors} translate.
 */
@NullMarked
package dev.isostream.pulsar;

import org.jspecify.annotations.NullMarked;
