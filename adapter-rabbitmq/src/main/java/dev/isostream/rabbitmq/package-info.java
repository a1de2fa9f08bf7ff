/**
 * RabbitMQ streams over the stream protocol's client, and over AMQP 0-9-1 for topology. Nothing
 * here is for applications; see the adapter's page.
 *
 * <p>Who does what: {@code RabbitProperties} and {@code RabbitConfig} what may be set, {@code
 * RabbitDriver} what is open, {@code RabbitCluster} finds nodes and topics, {@code RabbitLink} is
 * one connection, {@code RabbitSink} appends, {@code RabbitSource} reads ({@code RabbitMember} with
 * a group), {@code RabbitLog} is a stream that decides by its order, for {@code RabbitGroup} (a
 * group's leases and cursors, by {@link dev.isostream.spi.log.LogGroup}) and {@code RabbitRegistry}
 * (names), {@code RabbitAdmin} and {@code RabbitTopology} the rest; {@code RabbitRecords} and
 * {@code RabbitErrors} translate.
 */
@NullMarked
package dev.isostream.rabbitmq;

import org.jspecify.annotations.NullMarked;
