/** The plain stream client of RabbitMQ, and how its broker is had. */
@NullMarked
package dev.isostream.benchmarks.rabbitmq;

import org.jspecify.annotations.NullMarked;
