/**
 * A broker inside the process: the backend to develop and test with, and the reference for
 * adapters.
 *
 * <p>Applications choose it by the address {@code memory://<broker name>}, for example {@code
 * memory://local}. {@link dev.isostream.memory.MemoryBroker} stands for the server: it lives as
 * long as the JVM, is shared by everything that was opened with its name, and can be told to fail
 * as real brokers do.
 *
 * <p>Who does what: {@link dev.isostream.memory.MemoryBroker}, {@code MemoryTopic}, {@code
 * MemoryPartition} and {@code MemoryGroup} are the server; {@code MemoryDriver}, {@code
 * MemorySink}, {@code MemorySource}, {@code MemoryMemberSource} and {@code MemoryAdmin} the client;
 * {@link dev.isostream.memory.MemoryConnection} is between them, and is where faults are felt.
 */
@NullMarked
package dev.isostream.memory;

import org.jspecify.annotations.NullMarked;
