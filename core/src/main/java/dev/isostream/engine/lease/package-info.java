/**
 * Deals lanes out to the members of a group over a table of leases, for backends whose broker deals
 * them out to nobody (contract G4 to G7).
 *
 * <p>Every member decides for itself, from what it last saw of the table; the table's conditional
 * writes decide between them. No member ever compares its clock with another's: an owner counts
 * from the moment it <em>sent</em> a renewal, everybody else from the moment they <em>saw</em> it,
 * so the owner always knows first.
 */
@NullMarked
package dev.isostream.engine.lease;

import org.jspecify.annotations.NullMarked;
