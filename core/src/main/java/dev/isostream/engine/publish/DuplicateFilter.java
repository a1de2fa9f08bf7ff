package dev.isostream.engine.publish;

import dev.isostream.spi.SourceRecord;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The receiving half of "one send, one message" for one lane (contract P4): knows second copies of
 * messages by their ids. Confined to the lane's owner; is to be asked of every record, once, in
 * stored order.
 *
 * <p>A copy is either one whose id was seen, or one with a key that comes behind a later send of
 * the same producer and key: a producer sends the next one of a key only when the one before is
 * decided, so this is a failed send that landed late, and showing it would swap the two (contract
 * P2).
 *
 * <p>Remembers the last {@code window} messages that have ids, per partition.
 */
public final class DuplicateFilter {

  private final int window;
  private final Map<String, Seen> partitions = new HashMap<>();

  /**
   * Remembers nothing yet.
   *
   * @param window as {@link dev.isostream.Limits#duplicateWindow()}
   */
  public DuplicateFilter(int window) {
    this.window = window;
  }

  /** Whether the record is to be left out; takes note of it. */
  public boolean isCopy(SourceRecord message) {
    SendId id = window == 0 ? null : SendId.of(message.headers());
    return id != null
        && partitions
            .computeIfAbsent(message.partition(), p -> new Seen(window))
            .isCopy(id, message.key());
  }

  /** Forgets everything: the records to come are from another place. */
  public void clear() {
    partitions.clear();
  }

  /** What was seen of one partition. */
  private static final class Seen {
    private final int window;
    private final ArrayDeque<Entry> order = new ArrayDeque<>();
    private final Set<SendId> ids = new HashSet<>();
    private final Map<Series, Long> latest = new HashMap<>();

    Seen(int window) {
      this.window = window;
    }

    boolean isCopy(SendId id, byte @Nullable [] key) {
      if (ids.contains(id)) {
        return true;
      }
      Series series = key == null ? null : new Series(id.producer(), key);
      if (series != null) {
        Long last = latest.get(series);
        if (last != null && id.sequence() < last) {
          return true;
        }
        latest.put(series, id.sequence());
      }
      ids.add(id);
      order.add(new Entry(id, series));
      if (order.size() > window) {
        forget(order.remove());
      }
      return false;
    }

    private void forget(Entry entry) {
      ids.remove(entry.id);
      if (entry.series != null) {
        latest.remove(entry.series, entry.id.sequence());
      }
    }
  }

  private record Entry(SendId id, @Nullable Series series) {}

  /** The sends of one producer and key, which are stored in the order of their numbers. */
  private record Series(String producer, byte[] key) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Series that
          && producer.equals(that.producer)
          && Arrays.equals(key, that.key);
    }

    @Override
    public int hashCode() {
      return 31 * producer.hashCode() + Arrays.hashCode(key);
    }

    /** The producer and the key's size; keys may be secrets. */
    @Override
    public String toString() {
      return producer + "/" + key.length + " B";
    }
  }
}
