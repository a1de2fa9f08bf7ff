/** What shows at a RabbitMQ itself, and to its own clients. */
@NullMarked
package dev.isostream.conformance.rabbitmq;

import org.jspecify.annotations.NullMarked;
