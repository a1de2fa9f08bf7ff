package dev.isostream.pulsar;

import dev.isostream.Header;
import dev.isostream.Headers;
import dev.isostream.Position;
import dev.isostream.spi.SinkRecord;
import dev.isostream.spi.SourceRecord;
import dev.isostream.spi.WireBytes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.pulsar.client.api.Message;
import org.apache.pulsar.client.api.TypedMessageBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Records both ways, byte for byte (contract P6, W1, W2).
 *
 * <p>Payload and key are Pulsar's own: a key that is text as text, another one as bytes, which
 * Pulsar keeps in Base64. Headers are properties. Those are a map of texts, which clients show in
 * the order of the names; where headers are no such map (repeated, in another order, without a
 * value, no text), all of them are also packed into one property, which then counts.
 */
final class PulsarRecords {

  static final String HEADERS = "isostream-headers";

  /** Beyond this, packed headers stand alone, not beside the properties. */
  private static final int MOST_BYTES_BESIDE = 2048;

  private PulsarRecords() {}

  /** Fills a message; which partition it goes to is the client's to say. */
  static void fill(TypedMessageBuilder<byte[]> message, SinkRecord record) {
    byte[] key = record.key();
    if (key != null) {
      String text = WireBytes.text(key);
      if (text == null) {
        message.keyBytes(key);
      } else {
        message.key(text);
      }
    }
    put(message, record.payload());
    Headers headers = record.headers();
    if (!headers.isEmpty()) {
      putHeaders(message, headers);
    }
  }

  @SuppressWarnings("NullAway") // an absent payload is Pulsar's null, which its API does not mark
  private static void put(TypedMessageBuilder<byte[]> message, byte @Nullable [] payload) {
    message.value(payload);
  }

  private static void putHeaders(TypedMessageBuilder<byte[]> message, Headers headers) {
    Map<String, String> properties = new TreeMap<>();
    String last = null;
    boolean fits = true;
    int bytes = 0;
    for (Header header : headers) {
      byte[] value = header.value();
      String text = value == null ? null : WireBytes.text(value);
      bytes += header.name().length() + (value == null ? 0 : value.length);
      boolean mine = header.name().equals(HEADERS);
      fits &= text != null && !mine && (last == null || last.compareTo(header.name()) < 0);
      if (text != null && !mine) {
        properties.putIfAbsent(header.name(), text);
      }
      last = header.name();
    }
    if (fits || bytes <= MOST_BYTES_BESIDE) {
      properties.forEach(message::property);
    }
    if (!fits) {
      message.property(HEADERS, Base64.getEncoder().encodeToString(WireBytes.pack(headers)));
    }
  }

  /** Null where the text is not what was packed; it may come from anywhere. */
  private static @Nullable Headers unpack(String packed) {
    try {
      return WireBytes.unpack(Base64.getDecoder().decode(packed));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** A message as read. */
  static final class Stored extends SourceRecord {
    private final PulsarTopic.Partition partition;
    private final Message<byte[]> message;

    Stored(PulsarTopic.Partition partition, Message<byte[]> message) {
      this.partition = partition;
      this.message = message;
    }

    Message<byte[]> message() {
      return message;
    }

    @Override
    public String partition() {
      return partition.name();
    }

    @Override
    public Position position() {
      return partition.position(message);
    }

    @Override
    public long offset() {
      return -1;
    }

    @Override
    public byte @Nullable [] key() {
      if (!message.hasKey()) {
        return null;
      }
      // a mark says whether the text is Base64; what is marked so and is none, is taken as it is
      try {
        return message.getKeyBytes();
      } catch (IllegalArgumentException e) {
        return message.getKey().getBytes(StandardCharsets.UTF_8);
      }
    }

    @Override
    public byte @Nullable [] payload() {
      return message.getData();
    }

    @Override
    public Headers headers() {
      Map<String, String> properties = message.getProperties();
      if (properties.isEmpty()) {
        return Headers.empty();
      }
      String packed = properties.get(HEADERS);
      Headers unpacked = packed == null ? null : unpack(packed);
      if (unpacked != null) {
        return unpacked;
      }
      List<Header> all = new ArrayList<>(properties.size());
      new TreeMap<>(properties)
          .forEach(
              (name, value) -> {
                if (!name.isEmpty()) {
                  all.add(WireBytes.header(name, value.getBytes(StandardCharsets.UTF_8)));
                }
              });
      return Headers.of(all);
    }

    @Override
    public Instant timestamp() {
      return Instant.ofEpochMilli(message.getPublishTime());
    }

    @Override
    public int sizeBytes() {
      int size = message.size();
      if (message.hasKey()) {
        size += message.getKey().length();
      }
      for (Map.Entry<String, String> each : message.getProperties().entrySet()) {
        size += each.getKey().length() + each.getValue().length();
      }
      return size;
    }
  }
}
