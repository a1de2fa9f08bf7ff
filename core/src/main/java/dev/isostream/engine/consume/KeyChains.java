package dev.isostream.engine.consume;

import dev.isostream.Ordering;
import dev.isostream.spi.SourceRecord;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The chains of one lane by key: a hash table that keeps only keys with open messages, and compares
 * keys where they lie. Confined to the loop.
 */
final class KeyChains<T> {

  private final Ordering ordering;

  @SuppressWarnings({"unchecked", "rawtypes"}) // no generic arrays
  private @Nullable KeyChain<T>[] buckets = new KeyChain[64];

  private int size;

  KeyChains(Ordering ordering) {
    this.ordering = ordering;
  }

  /** The chain that a message waits in; null where it waits for none. */
  @Nullable KeyChain<T> chainOf(SourceRecord message) {
    return switch (ordering) {
      case NONE -> null;
      case PARTITION -> find(message.partition().getBytes(StandardCharsets.UTF_8));
      case KEY -> {
        byte[] key = message.key();
        yield key == null ? null : find(key);
      }
    };
  }

  private KeyChain<T> find(byte[] key) {
    int hash = spread(Arrays.hashCode(key));
    int index = hash & (buckets.length - 1);
    for (KeyChain<T> at = buckets[index]; at != null; at = at.nextInBucket) {
      if (at.hash == hash && Arrays.equals(at.key, key)) {
        return at;
      }
    }
    if (size >= buckets.length) {
      grow();
      index = hash & (buckets.length - 1);
    }
    KeyChain<T> made = new KeyChain<>(key, hash);
    made.nextInBucket = buckets[index];
    buckets[index] = made;
    size++;
    return made;
  }

  /** Forgets a chain that is empty. */
  void forget(KeyChain<T> chain) {
    int index = chain.hash & (buckets.length - 1);
    KeyChain<T> before = null;
    for (KeyChain<T> at = buckets[index]; at != null; at = at.nextInBucket) {
      if (at == chain) {
        if (before == null) {
          buckets[index] = at.nextInBucket;
        } else {
          before.nextInBucket = at.nextInBucket;
        }
        size--;
        return;
      }
      before = at;
    }
  }

  private void grow() {
    @Nullable KeyChain<T>[] old = buckets;
    @SuppressWarnings({"unchecked", "rawtypes"}) // no generic arrays
    @Nullable KeyChain<T>[] larger = new KeyChain[old.length * 2];
    for (KeyChain<T> bucket : old) {
      KeyChain<T> at = bucket;
      while (at != null) {
        KeyChain<T> following = at.nextInBucket;
        int index = at.hash & (larger.length - 1);
        at.nextInBucket = larger[index];
        larger[index] = at;
        at = following;
      }
    }
    buckets = larger;
  }

  private static int spread(int hash) {
    return hash ^ (hash >>> 16);
  }
}
