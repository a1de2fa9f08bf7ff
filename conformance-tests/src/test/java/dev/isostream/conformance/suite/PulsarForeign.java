package dev.isostream.conformance.suite;

import dev.isostream.Header;
import dev.isostream.conformance.Foreign;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.TreeMap;
import org.apache.pulsar.client.api.Message;
import org.apache.pulsar.client.api.MessageId;
import org.apache.pulsar.client.api.Producer;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.PulsarClientException;
import org.apache.pulsar.client.api.Reader;
import org.apache.pulsar.client.api.TypedMessageBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The native client alone, as its guide shows it; the layout is that of the adapter's page. A
 * header that comes twice, without a value, or out of its name's order, is written the way the page
 * tells: a map can't.
 */
final class PulsarForeign implements Foreign {

  private static final String HEADERS = "isostream-headers";

  private final String address;

  PulsarForeign(String address) {
    this.address = address;
  }

  private PulsarClient client() throws PulsarClientException {
    return PulsarClient.builder().serviceUrl("pulsar://" + address).build();
  }

  @Override
  public void write(String topic, List<Entry> records) {
    try (PulsarClient client = client();
        Producer<byte[]> producer = client.newProducer().topic(topic).create()) {
      for (Entry record : records) {
        message(producer.newMessage(), record).send();
      }
    } catch (PulsarClientException e) {
      throw new IllegalStateException("can't write to " + topic, e);
    }
  }

  @SuppressWarnings("NullAway") // null is Pulsar's own for none, which its API does not mark
  private static TypedMessageBuilder<byte[]> message(
      TypedMessageBuilder<byte[]> message, Entry record) {
    byte[] key = record.key();
    String text = key == null ? null : text(key);
    if (text != null) {
      message.key(text);
    } else if (key != null) {
      message.keyBytes(key);
    }
    message.value(record.payload());
    String last = "";
    boolean fits = true;
    for (Header header : record.headers()) {
      fits &= header.value() != null && text(header.value()) != null;
      fits &= last.compareTo(header.name()) < 0;
      last = header.name();
    }
    if (fits) {
      record.headers().forEach(header -> message.property(header.name(), header.text()));
    } else {
      message.property(
          HEADERS, Base64.getEncoder().encodeToString(PackedHeaders.pack(record.headers())));
    }
    return message;
  }

  private static @Nullable String text(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  @Override
  public List<Entry> read(String topic) {
    List<Entry> all = new ArrayList<>();
    try (PulsarClient client = client()) {
      for (String partition : client.getPartitionsForTopic(topic, false).join()) {
        try (Reader<byte[]> reader =
            client.newReader().topic(partition).startMessageId(MessageId.earliest).create()) {
          while (reader.hasMessageAvailable()) {
            all.add(entry(reader.readNext()));
          }
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("can't read " + topic, e);
    }
    return all;
  }

  @SuppressWarnings("NullAway") // both may be absent, which is not seen in another compilation
  private static Entry entry(Message<byte[]> message) {
    List<Header> headers = new ArrayList<>();
    String packed = message.getProperty(HEADERS);
    if (packed != null) {
      headers.addAll(PackedHeaders.unpack(Base64.getDecoder().decode(packed)));
    } else {
      new TreeMap<>(message.getProperties())
          .forEach((name, value) -> headers.add(Header.of(name, value)));
    }
    return new Entry(message.hasKey() ? message.getKeyBytes() : null, message.getData(), headers);
  }
}
