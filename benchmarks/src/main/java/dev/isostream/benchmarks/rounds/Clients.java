package dev.isostream.benchmarks.rounds;

/**
 * What all contestants' clients have in common, said to all: nobody wins by a default. What is not
 * here is the client's default, on all sides.
 *
 * @param address of the broker, {@code host:port}
 * @param lingerMillis how long a batch waits to be filled, where the client has batches
 */
public record Clients(String address, int lingerMillis) {}
