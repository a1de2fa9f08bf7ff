package dev.isostream.kafka;

import dev.isostream.spi.Place;
import dev.isostream.spi.StoredCursor;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/**
 * Cursors as committed offsets: the place is the offset, the state its metadata, as {@code is1:}
 * and base64.
 *
 * <p>Metadata of other clients is no state. What carries our mark and can't be read (a later
 * layout, or a damaged one) is handed on as it is, for the engine to refuse the share (contract W3,
 * E5).
 */
final class KafkaCursors {

  private static final String PREFIX = "is1:";
  private static final Pattern OURS = Pattern.compile("is[0-9]{1,4}:.*", Pattern.DOTALL);

  private KafkaCursors() {}

  /** The most bytes of state in metadata of this length. */
  static int stateBytes(int metadataBytes) {
    return (int) ((metadataBytes - PREFIX.length()) * 6L / 8);
  }

  static OffsetAndMetadata encode(StoredCursor cursor) {
    String metadata =
        cursor.state().length == 0
            ? ""
            : PREFIX + Base64.getEncoder().withoutPadding().encodeToString(cursor.state());
    return new OffsetAndMetadata(KafkaTopic.offset(cursor.place()), metadata);
  }

  static StoredCursor decode(KafkaTopic.Partition partition, OffsetAndMetadata stored) {
    return new StoredCursor(
        new Place.At(partition.position(stored.offset())), state(stored.metadata()));
  }

  private static byte[] state(String metadata) {
    if (!OURS.matcher(metadata).matches()) {
      return new byte[0];
    }
    if (metadata.startsWith(PREFIX)) {
      try {
        return Base64.getDecoder().decode(metadata.substring(PREFIX.length()));
      } catch (IllegalArgumentException e) {
        // told by the engine, which can't read the text either
      }
    }
    return metadata.getBytes(StandardCharsets.UTF_8);
  }
}
