/**
 * One producer, consumer and acknowledge API over Kafka, Pulsar, Kinesis, Redis and RabbitMQ.
 *
 * <p>The nouns: a {@link dev.isostream.Topic} is written by a {@link dev.isostream.Producer},
 * shared by the members of a group (a {@link dev.isostream.Subscription} with a handler, or a
 * {@link dev.isostream.Consumer} that pulls), and replayed by a {@link dev.isostream.Reader}. A
 * {@link dev.isostream.Delivery} is one message handed to a member, to be settled. A {@link
 * dev.isostream.Position} names one stored message.
 *
 * <p>Everything obtained from {@link dev.isostream.Messaging} is safe for use by any number of
 * threads unless its own documentation says otherwise; everything else here is an immutable value.
 */
@NullMarked
package dev.isostream;

import org.jspecify.annotations.NullMarked;
