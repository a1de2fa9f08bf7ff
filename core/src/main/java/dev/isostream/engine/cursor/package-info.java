/**
 * What the engine stores beside a cursor's place: the settled messages behind the watermark
 * (contract D3), failed attempts and notes before hand-out (D5, D11), and on the anchor lane the
 * group's record (G1, G10). A versioned, bounded binary form; input is untrusted (E5, W3).
 */
@NullMarked
package dev.isostream.engine.cursor;

import org.jspecify.annotations.NullMarked;
