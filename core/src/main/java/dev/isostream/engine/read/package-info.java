/**
 * Reading without a group: {@link dev.isostream.engine.read.Places} finds where to start, {@link
 * dev.isostream.engine.read.ReadSession} has the source and what it told, and {@link
 * dev.isostream.engine.read.EngineReader} is what applications call.
 *
 * <p>There is no thread: a reader reads while somebody calls it. Its lock makes the caller of the
 * moment the source's owner.
 */
@NullMarked
package dev.isostream.engine.read;

import org.jspecify.annotations.NullMarked;
