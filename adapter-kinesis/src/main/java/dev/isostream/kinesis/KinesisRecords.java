package dev.isostream.kinesis;

import dev.isostream.Header;
import dev.isostream.Headers;
import dev.isostream.Position;
import dev.isostream.kinesis.KinesisAggregate.Entry;
import dev.isostream.kinesis.KinesisAggregate.Tag;
import dev.isostream.kinesis.KinesisShards.Shard;
import dev.isostream.spi.SinkRecord;
import dev.isostream.spi.SourceRecord;
import dev.isostream.spi.WireBytes;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.model.Record;

/** Messages as records hold them; the layout is on the adapter's page. Stateless. */
final class KinesisRecords {

  /** The key where the partition key is not it; without a value where there is none. */
  static final String KEY = "isostream-key";

  static final String KEY_BYTES = "isostream-key-base64";

  /** Without a value: there is no payload. */
  static final String NO_PAYLOAD = "isostream-no-payload";

  /** Before the name of a header whose value is no text. */
  static final String BASE64 = "isostream-base64:";

  private static final int MAX_PARTITION_KEY = 256;
  private static final int TAG_BYTES = 24;

  private KinesisRecords() {}

  // ---- writing

  /**
   * A message to be put.
   *
   * @param producerId spreads messages without a key, and puts a repeated one where it was
   */
  static Entry toNative(SinkRecord record, String producerId) {
    List<Tag> tags = new ArrayList<>();
    byte[] key = record.key();
    String partitionKey;
    if (key == null) {
      tags.add(new Tag(KEY, null));
      partitionKey = producerId + "-" + record.sequence();
    } else {
      String text = WireBytes.text(key);
      if (text != null && !text.isEmpty() && text.length() <= MAX_PARTITION_KEY) {
        partitionKey = text;
      } else {
        partitionKey = digest(key);
        tags.add(
            text == null
                ? new Tag(KEY_BYTES, Base64.getEncoder().encodeToString(key))
                : new Tag(KEY, text));
      }
    }
    byte[] payload = record.payload();
    if (payload == null) {
      tags.add(new Tag(NO_PAYLOAD, null));
    }
    for (Header header : record.headers()) {
      tags.add(tag(header));
    }
    return new Entry(partitionKey, null, payload == null ? new byte[0] : payload, tags);
  }

  private static Tag tag(Header header) {
    byte[] value = header.value();
    if (value == null) {
      return new Tag(header.name(), null);
    }
    String text = WireBytes.text(value);
    return text == null
        ? new Tag(BASE64 + header.name(), Base64.getEncoder().encodeToString(value))
        : new Tag(header.name(), text);
  }

  private static String digest(byte[] key) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(key);
      return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  // ---- reading

  /**
   * The messages of a record; none where not all of them belong to the shard. Such a record was
   * made for a parent and came to lie in one of the children: whoever put it puts all of it again
   * (the Kinesis Client Library passes over the whole of it too).
   *
   * @param all how many messages the record has
   */
  record Content(List<SourceRecord> messages, int all) {}

  static Content content(
      KinesisStream stream, String partition, @Nullable Shard shard, Record read) {
    KinesisRecordInfo info = new KinesisRecordInfo(stream, partition, read);
    byte[] data = read.data().asByteArrayUnsafe();
    List<Entry> entries = KinesisAggregate.read(data);
    if (entries == null) {
      byte[] key = read.partitionKey().getBytes(StandardCharsets.UTF_8);
      return new Content(List.of(new Message(info, 0, key, data, Headers.empty())), 1);
    }
    if (shard != null && !belongs(entries, shard)) {
      return new Content(List.of(), entries.size());
    }
    List<SourceRecord> messages = new ArrayList<>(entries.size());
    for (int i = 0; i < entries.size(); i++) {
      messages.add(message(info, i, entries.get(i)));
    }
    return new Content(messages, entries.size());
  }

  /** Whether the shard takes all of these. */
  static boolean belongs(List<Entry> entries, Shard shard) {
    return entries.stream().allMatch(entry -> shard.takes(entry.hash()));
  }

  private static Message message(KinesisRecordInfo info, int index, Entry entry) {
    byte[] key = entry.partitionKey().getBytes(StandardCharsets.UTF_8);
    byte[] payload = entry.data();
    List<Header> headers = new ArrayList<>(entry.tags().size());
    for (Tag tag : entry.tags()) {
      String value = tag.value();
      switch (tag.key()) {
        case KEY -> key = value == null ? null : value.getBytes(StandardCharsets.UTF_8);
        case KEY_BYTES -> {
          byte[] bytes = decoded(value);
          key = bytes == null ? key : bytes;
        }
        case NO_PAYLOAD -> payload = null;
        default -> {
          if (!tag.key().isEmpty() && !tag.key().equals(BASE64)) {
            headers.add(header(tag));
          }
        }
      }
    }
    return new Message(info, index, key, payload, Headers.of(headers));
  }

  @SuppressWarnings("NullAway") // the value may be absent, which is not seen in another module
  private static Header header(Tag tag) {
    String value = tag.value();
    if (tag.key().startsWith(BASE64)) {
      byte[] bytes = decoded(value);
      if (bytes != null) {
        return new Header(tag.key().substring(BASE64.length()), bytes);
      }
    }
    return new Header(tag.key(), value == null ? null : value.getBytes(StandardCharsets.UTF_8));
  }

  private static byte @Nullable [] decoded(@Nullable String base64) {
    try {
      return base64 == null ? null : Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      return null; // anybody can write there
    }
  }

  /** What the messages of one record have in common. */
  record KinesisRecordInfo(KinesisStream stream, String partition, Record read) {}

  /** A message as read. */
  private static final class Message extends SourceRecord {
    private final KinesisRecordInfo info;
    private final int index;
    private final byte @Nullable [] key;
    private final byte @Nullable [] payload;
    private final Headers headers;

    Message(
        KinesisRecordInfo info,
        int index,
        byte @Nullable [] key,
        byte @Nullable [] payload,
        Headers headers) {
      this.info = info;
      this.index = index;
      this.key = key;
      this.payload = payload;
      this.headers = headers;
    }

    @Override
    public String partition() {
      return info.partition;
    }

    @Override
    public Position position() {
      return info.stream.position(
          info.partition,
          new KinesisId(new java.math.BigInteger(info.read.sequenceNumber()), index));
    }

    @Override
    public long offset() {
      return 0;
    }

    @Override
    public byte @Nullable [] key() {
      return key;
    }

    @Override
    public byte @Nullable [] payload() {
      return payload;
    }

    @Override
    public Headers headers() {
      return headers;
    }

    @Override
    public Instant timestamp() {
      return info.read.approximateArrivalTimestamp();
    }

    @Override
    public int sizeBytes() {
      int size = (key == null ? 0 : key.length) + (payload == null ? 0 : payload.length);
      for (Header header : headers) {
        byte[] value = header.value();
        size += header.name().length() + (value == null ? 0 : value.length) + TAG_BYTES;
      }
      return size;
    }
  }
}
