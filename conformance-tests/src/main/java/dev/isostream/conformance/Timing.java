package dev.isostream.conformance;

import java.time.Duration;

/**
 * How patient the kit is with a backend. No promise is measured with these; those come from {@link
 * dev.isostream.Limits}.
 *
 * @param patience within which anything that has to happen happens when nothing is wrong
 * @param silence for how long to look when nothing may happen; long enough for this backend to
 *     deliver a message many times over
 * @param limit after which a rule's test is taken as hanging
 */
public record Timing(Duration patience, Duration silence, Duration limit) {}
