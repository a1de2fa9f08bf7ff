package dev.isostream.redis;

import dev.isostream.Header;
import dev.isostream.Headers;
import dev.isostream.Position;
import dev.isostream.spi.SinkRecord;
import dev.isostream.spi.SourceRecord;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records both ways, byte for byte (contract P6, W1, W2), as an entry's fields: {@code k} the key,
 * {@code p} the payload, {@code h:name} a header, {@code n:name} one without a value; what is
 * absent has no field. Any other field is a header by its own name.
 */
final class RedisRecords {

  /** One call of a script's command can take no more words than this. */
  static final int MOST_HEADERS = 3000;

  private static final byte[] KEY = {'k'};
  private static final byte[] PAYLOAD = {'p'};

  /** An entry has at least one field: this one, where there is nothing else. */
  private static final byte[] VOID = {'v'};

  private static final byte[] VERSION = {'1'};
  private static final byte[] NONE = {};

  private RedisRecords() {}

  /** An entry's words: fields and values in turn. */
  static List<byte[]> toNative(SinkRecord record) {
    List<byte[]> words = new ArrayList<>(4 + 2 * record.headers().size());
    byte[] key = record.key();
    if (key != null) {
      words.add(KEY);
      words.add(key);
    }
    byte[] payload = record.payload();
    if (payload != null) {
      words.add(PAYLOAD);
      words.add(payload);
    }
    for (Header header : record.headers()) {
      byte[] value = header.value();
      words.add(RedisKeys.bytes((value == null ? "n:" : "h:") + header.name()));
      words.add(value == null ? NONE : value);
    }
    if (words.isEmpty()) {
      words.add(VOID);
      words.add(VERSION);
    }
    return words;
  }

  /** The id of one of {@link #fromNative}. */
  static RedisId id(SourceRecord record) {
    return record instanceof Stored stored ? stored.id : RedisId.of(record.position());
  }

  /** A view: nothing is copied. */
  static SourceRecord fromNative(
      RedisTopic topic, int number, String partition, RedisId id, List<?> words) {
    return new Stored(topic, number, partition, id, words);
  }

  private static final class Stored extends SourceRecord {
    private final RedisTopic topic;
    private final int number;
    private final String partition;
    private final RedisId id;
    private final List<?> words;
    private @Nullable Position position;

    Stored(RedisTopic topic, int number, String partition, RedisId id, List<?> words) {
      this.topic = topic;
      this.number = number;
      this.partition = partition;
      this.id = id;
      this.words = words;
    }

    @Override
    public String partition() {
      return partition;
    }

    @Override
    public Position position() {
      Position known = position;
      if (known == null) {
        known = topic.position(number, id);
        position = known; // asked for several times, perhaps by two threads: both make the same
      }
      return known;
    }

    @Override
    public long offset() {
      return 0;
    }

    @Override
    public byte @Nullable [] key() {
      return first(KEY);
    }

    @Override
    public byte @Nullable [] payload() {
      return first(PAYLOAD);
    }

    private byte @Nullable [] first(byte[] field) {
      int at = indexOf(field);
      return at < 0 ? null : (byte[]) words.get(at + 1);
    }

    /** Of a field whose name is one letter. */
    private int indexOf(byte[] field) {
      for (int i = 0; i + 1 < words.size(); i += 2) {
        byte[] name = (byte[]) words.get(i);
        if (name.length == 1 && name[0] == field[0]) {
          return i;
        }
      }
      return -1;
    }

    @Override
    public Headers headers() {
      if (isVoid()) {
        return Headers.empty();
      }
      int key = indexOf(KEY);
      int payload = indexOf(PAYLOAD);
      List<Header> all = new ArrayList<>();
      for (int i = 0; i + 1 < words.size(); i += 2) {
        if (i != key && i != payload) {
          addHeader(all, (byte[]) words.get(i), (byte[]) words.get(i + 1));
        }
      }
      return Headers.of(all);
    }

    private boolean isVoid() {
      return words.size() == 2
          && Arrays.equals((byte[]) words.get(0), VOID)
          && Arrays.equals((byte[]) words.get(1), VERSION);
    }

    @SuppressWarnings(
        "NullAway") // of a record's class file it does not read that arrays may be null
    private static void addHeader(List<Header> all, byte[] field, byte[] value) {
      boolean prefixed = field.length > 1 && field[1] == ':';
      boolean isOurs = prefixed && field[0] == 'h';
      boolean isNull = prefixed && field[0] == 'n' && value.length == 0;
      int from = isOurs || isNull ? 2 : 0;
      // one thing has no counterpart: a field whose name is empty
      if (field.length > from) {
        String name = new String(field, from, field.length - from, StandardCharsets.UTF_8);
        all.add(new Header(name, isNull ? null : value));
      }
    }

    @Override
    public Instant timestamp() {
      return Instant.ofEpochMilli(id.millis());
    }

    @Override
    public int sizeBytes() {
      int size = 0;
      for (Object word : words) {
        size += ((byte[]) word).length;
      }
      return size;
    }
  }
}
