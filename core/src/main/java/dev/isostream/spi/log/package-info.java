/**
 * A group that is kept in a log, for adapters whose backend has ordered logs and neither
 * conditional writes nor ownership. Not for application code.
 *
 * <p>Whatever is to change is appended as an operation. Everybody applies all operations in stored
 * order to the same {@link dev.isostream.spi.log.LogState}, and what an operation came to is known
 * once everything before it was applied: the same everywhere, so nobody has to be asked, and one
 * that comes too late comes to nothing, whoever sent it. The adapter brings the {@link
 * dev.isostream.spi.log.OperationLog}; leases, cursors, their fence, signs of life, and how records
 * and states that are written anew look, are here, once.
 */
@NullMarked
package dev.isostream.spi.log;

import org.jspecify.annotations.NullMarked;
