package dev.isostream.spi;

import java.util.Objects;

/**
 * A group's cursor in one lane, as stored.
 *
 * @param place everything before it is settled; {@link Place.At}, {@link Place.After} or {@link
 *     Place.Origin}
 * @param state what the engine keeps beside it; opaque to drivers; empty where another client wrote
 *     the cursor
 */
public record StoredCursor(Place place, byte[] state) {
  public StoredCursor {
    Objects.requireNonNull(place);
    Objects.requireNonNull(state);
  }
}
