package dev.isostream.engine.cursor;

/**
 * How an open message has fared.
 *
 * @param count failed attempts, deaths it was convicted of included
 * @param deadly it was convicted of a death: it is only handed out alone, noted first (contract
 *     D11)
 * @param delayMillis what was left of its wait when its lane was handed over (contract D4); 0 where
 *     none
 */
public record Failures(int count, boolean deadly, long delayMillis) {}
