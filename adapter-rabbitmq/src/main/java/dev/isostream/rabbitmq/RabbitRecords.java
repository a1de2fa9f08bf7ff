package dev.isostream.rabbitmq;

import com.rabbitmq.stream.Message;
import com.rabbitmq.stream.MessageBuilder;
import dev.isostream.Header;
import dev.isostream.Headers;
import dev.isostream.Position;
import dev.isostream.spi.SinkRecord;
import dev.isostream.spi.SourceRecord;
import dev.isostream.spi.WireBytes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Records both ways, byte for byte (contract P6, W1, W2): the payload is the body, headers are
 * application properties, and so is the key.
 *
 * <p>Application properties are a map. What does not fit (a name that comes twice, a header without
 * a value, a very long name) goes as a whole into {@link #HEADERS}; what fits stands beside it for
 * others to see.
 */
final class RabbitRecords {

  /** The key: text where it is text, else binary. */
  static final String KEY = "isostream-key";

  /** All headers, in order; only where the properties can't hold them. */
  static final String HEADERS = "isostream-headers";

  /** {@value #ABSENT} where there is no payload: every message has a body. */
  static final String PAYLOAD = "isostream-payload";

  static final String ABSENT = "absent";

  /** AMQP 0-9-1 knows no longer names. */
  private static final int LONGEST_NAME_BYTES = 255;

  /** Of headers that are written twice, so that they never fill a frame. */
  private static final int MOST_BYTES_BESIDE = 8192;

  private RabbitRecords() {}

  /**
   * As it is stored.
   *
   * @param id by which a message is found again
   */
  static Message toNative(SinkRecord record, long id) {
    byte[] payload = record.payload();
    byte[] key = record.key();
    MessageBuilder message = RabbitCodec.INSTANCE.messageBuilder();
    message.properties().messageId(id);
    Headers headers = record.headers();
    if (key != null || payload == null || !headers.isEmpty()) {
      MessageBuilder.ApplicationPropertiesBuilder properties = message.applicationProperties();
      if (key != null) {
        put(properties, KEY, key);
      }
      if (payload == null) {
        properties.entry(PAYLOAD, ABSENT);
      }
      putHeaders(properties, headers);
    }
    return message.addData(payload == null ? new byte[0] : payload).build();
  }

  private static void putHeaders(
      MessageBuilder.ApplicationPropertiesBuilder properties, Headers headers) {
    Set<String> names = new HashSet<>();
    boolean fits = true;
    int bytes = 0;
    for (Header header : headers) {
      fits &= isNative(header) && names.add(header.name());
      byte[] value = header.value();
      bytes += header.name().length() + (value == null ? 0 : value.length);
    }
    if (!fits) {
      properties.entry(HEADERS, WireBytes.pack(headers));
      if (bytes > MOST_BYTES_BESIDE) {
        return;
      }
      names.clear();
    }
    for (Header header : headers) {
      byte[] value = header.value();
      if (value != null && (fits || (isNative(header) && names.add(header.name())))) {
        put(properties, header.name(), value);
      }
    }
  }

  private static boolean isNative(Header header) {
    return header.value() != null
        && header.name().getBytes(StandardCharsets.UTF_8).length <= LONGEST_NAME_BYTES
        && !isOurs(header.name());
  }

  private static boolean isOurs(String name) {
    return name.equals(KEY) || name.equals(HEADERS) || name.equals(PAYLOAD);
  }

  private static void put(
      MessageBuilder.ApplicationPropertiesBuilder properties, String name, byte[] value) {
    String text = WireBytes.text(value);
    if (text == null) {
      properties.entry(name, value);
    } else {
      properties.entry(name, text);
    }
  }

  /** The id of a stored message; null where it has none of ours. */
  static @Nullable Long id(Message message) {
    Message opened = open(message);
    if (opened == null || opened.getProperties() == null) {
      return null;
    }
    return opened.getProperties().getMessageId() instanceof Number number
        ? number.longValue()
        : null;
  }

  private static @Nullable Message open(Message message) {
    return message instanceof RabbitCodec.Raw raw ? RabbitCodec.INSTANCE.open(raw) : message;
  }

  /** The body of a message of ours that is not for applications; null where it is none. */
  static byte @Nullable [] body(Message message) {
    Message opened = open(message);
    return opened == null ? null : payload(opened);
  }

  private static byte @Nullable [] payload(Message message) {
    Object body = message.getBody();
    return body == null ? message.getBodyAsBinary() : bytes(body);
  }

  private static byte[] bytes(Object value) {
    return value instanceof byte[] bytes
        ? bytes
        : value.toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * A message as read. What is not common in it is decoded when it is asked for. Thread-safe.
   *
   * <p>Key and payload are copies each time: what is held is the message's bytes alone.
   */
  static final class Stored extends SourceRecord {
    private final RabbitTopic.Partition partition;
    private final long offset;
    private final long timestamp;
    private final Message raw;
    private final @Nullable RabbitSections sections;
    private volatile @Nullable Decoded decoded;

    Stored(RabbitTopic.Partition partition, long offset, long timestamp, Message raw) {
      this.partition = partition;
      this.offset = offset;
      this.timestamp = timestamp;
      this.raw = raw;
      this.sections = raw instanceof RabbitCodec.Raw found ? RabbitSections.of(found.bytes) : null;
    }

    private Decoded decoded() {
      Decoded known = decoded;
      if (known == null) {
        known = Decoded.of(raw);
        decoded = known; // by whichever thread: always the same
      }
      return known;
    }

    @Override
    public String partition() {
      return partition.name();
    }

    @Override
    public Position position() {
      return partition.position(offset);
    }

    @Override
    public long offset() {
      return offset;
    }

    @Override
    public byte @Nullable [] key() {
      return sections == null ? decoded().key() : sections.key();
    }

    @Override
    public byte @Nullable [] payload() {
      return sections == null ? decoded().payload() : sections.payload();
    }

    @Override
    public Headers headers() {
      Map<String, Object> properties = decoded().properties();
      Headers packed =
          properties.get(HEADERS) instanceof byte[] bytes ? WireBytes.unpack(bytes) : null;
      if (packed != null) {
        return packed;
      }
      List<Header> all = new ArrayList<>();
      properties.forEach(
          (name, value) -> {
            if (!name.isEmpty() && !isOurs(name)) {
              all.add(WireBytes.header(name, value == null ? null : bytes(value)));
            }
          });
      return Headers.of(all);
    }

    @Override
    public Instant timestamp() {
      return Instant.ofEpochMilli(timestamp);
    }

    @Override
    public int sizeBytes() {
      return raw instanceof RabbitCodec.Raw found ? found.bytes.length : 0;
    }
  }

  /** A message as a whole. */
  @SuppressWarnings("ArrayRecordComponent") // seen here only
  private record Decoded(
      byte @Nullable [] key, byte @Nullable [] payload, Map<String, Object> properties) {

    static Decoded of(Message message) {
      Message opened = open(message);
      if (opened == null) {
        return new Decoded(null, ((RabbitCodec.Raw) message).bytes, Map.of()); // no AMQP: as it is
      }
      Map<String, Object> found = opened.getApplicationProperties();
      Map<String, Object> properties = found == null ? Map.of() : found;
      Object key = properties.get(KEY);
      boolean absent = ABSENT.equals(properties.get(PAYLOAD));
      return new Decoded(
          key == null ? null : bytes(key),
          absent ? null : RabbitRecords.payload(opened),
          properties);
    }
  }
}
