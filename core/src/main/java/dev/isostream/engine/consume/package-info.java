/**
 * Members of groups: what is handed out when, what happens to it, and when that is durable.
 *
 * <p>One loop per member owns all of its state ({@code MemberLoop}, {@code LaneState}, {@code
 * Window}, {@code KeyChain}, {@code Committer}); everything else posts {@code Mail} to it. Only
 * {@code HeldDelivery}, {@code Mailbox}, {@code RunQueue}, {@code SoloGate} and the {@code Outlet}s
 * are touched by other threads.
 */
@NullMarked
package dev.isostream.engine.consume;

import org.jspecify.annotations.NullMarked;
