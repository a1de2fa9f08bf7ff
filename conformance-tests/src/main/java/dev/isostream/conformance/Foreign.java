package dev.isostream.conformance;

import dev.isostream.Header;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The backend by its own client, with nothing of Isostream in between (contract W1, W2). */
public interface Foreign {

  /** Appends records, in this order, as any program does. Returns when they are stored. */
  void write(String topic, List<Entry> records);

  /**
   * All records of a topic as the backend's own client shows them, with every header that is
   * stored, partition by partition.
   */
  List<Entry> read(String topic);

  /**
   * A record as the backend has it.
   *
   * @param key null where it has none
   * @param payload null where it has none
   */
  record Entry(byte @Nullable [] key, byte @Nullable [] payload, List<Header> headers) {
    public Entry {
      headers = List.copyOf(headers);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Entry that
          && Arrays.equals(key, that.key)
          && Arrays.equals(payload, that.payload)
          && headers.equals(that.headers);
    }

    @Override
    public int hashCode() {
      return Objects.hash(Arrays.hashCode(key), Arrays.hashCode(payload), headers);
    }

    @Override
    public String toString() {
      return "Entry[key=" + size(key) + ", payload=" + size(payload) + ", " + headers + "]";
    }

    private static String size(byte @Nullable [] bytes) {
      return bytes == null ? "null" : bytes.length + " B";
    }
  }
}
