/**
 * What an adapter implements. Not for application code.
 *
 * <p>A driver carries bytes and nothing else: it never retries, never waits for its own sake, owns
 * no timer and no executor, keeps no account of acknowledgements, and decides nothing about order,
 * attempts or dead letters. All of that is in the engine, once. A driver that seems to need one of
 * these has found a mistake in this package.
 *
 * <p>The pieces: a {@link dev.isostream.spi.DriverProvider} opens a {@link
 * dev.isostream.spi.Driver}. A {@link dev.isostream.spi.Sink} appends. A {@link
 * dev.isostream.spi.Source} reads <em>lanes</em>, the backend's units of ownership and order; a
 * {@link dev.isostream.spi.GroupSource} also gets its lanes from the broker and stores their
 * cursors. Where the broker gives lanes to nobody, the driver has a {@link
 * dev.isostream.spi.LeaseStore} and the engine deals them out. {@link dev.isostream.spi.Admin} is
 * the rest.
 *
 * <p>Failing: every failure is a {@link dev.isostream.spi.DriverException} with an {@link
 * dev.isostream.spi.ErrorKind}, thrown or through the stage; the engine makes the public exception
 * of it, once.
 */
@NullMarked
package dev.isostream.spi;

import org.jspecify.annotations.NullMarked;
