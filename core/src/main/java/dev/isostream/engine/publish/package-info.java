/**
 * Publishing: what is validated, bounded, ordered, retried and decided before and around {@link
 * dev.isostream.spi.Sink#append}.
 *
 * <p>The way of a message: {@link dev.isostream.engine.publish.EngineProducer} checks and encodes
 * it, {@link dev.isostream.engine.publish.Room} makes it wait where too much is in flight, {@link
 * dev.isostream.engine.publish.Ledger} keeps it until it is decided, and an {@link
 * dev.isostream.engine.publish.Outbox} hands it to the sink. There is no thread of its own: whoever
 * sends also drains what piled up, if nobody else does just then.
 */
@NullMarked
package dev.isostream.engine.publish;

import org.jspecify.annotations.NullMarked;
