package dev.isostream.conformance.suite;

import com.rabbitmq.stream.Address;
import com.rabbitmq.stream.Consumer;
import com.rabbitmq.stream.Environment;
import com.rabbitmq.stream.Message;
import com.rabbitmq.stream.MessageBuilder;
import com.rabbitmq.stream.OffsetSpecification;
import com.rabbitmq.stream.Producer;
import dev.isostream.Header;
import dev.isostream.conformance.Foreign;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The stream client alone, as its guide shows it; the layout is that of the adapter's page. A
 * header that comes twice, or without a value, is written the way the page tells: a map can't.
 */
final class RabbitForeign implements Foreign {

  private static final String KEY = "isostream-key";
  private static final String HEADERS = "isostream-headers";
  private static final String PAYLOAD = "isostream-payload";
  private static final long PATIENCE_SECONDS = 20;
  private static final long QUIET_MILLIS = 700;

  private final String address;

  RabbitForeign(String address) {
    this.address = address;
  }

  private Environment environment() {
    int colon = address.lastIndexOf(':');
    Address node =
        new Address(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
    return Environment.builder()
        .host(node.host())
        .port(node.port())
        .addressResolver(any -> node)
        .build();
  }

  @Override
  public void write(String topic, List<Entry> records) {
    CountDownLatch confirmed = new CountDownLatch(records.size());
    try (Environment environment = environment();
        Producer producer = environment.producerBuilder().stream(topic + "-0").build()) {
      for (Entry record : records) {
        producer.send(
            message(producer.messageBuilder(), record),
            status -> {
              if (status.isConfirmed()) {
                confirmed.countDown();
              }
            });
      }
      if (!confirmed.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("can't write to " + topic);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static Message message(MessageBuilder builder, Entry record) {
    MessageBuilder.ApplicationPropertiesBuilder properties = builder.applicationProperties();
    byte[] key = record.key();
    if (key != null) {
      properties.entry(KEY, key);
    }
    byte[] payload = record.payload();
    if (payload == null) {
      properties.entry(PAYLOAD, "absent");
    }
    Map<String, byte[]> plain = new HashMap<>();
    boolean fits = true;
    for (Header header : record.headers()) {
      byte[] value = header.value();
      fits &= value != null && plain.put(header.name(), value) == null;
    }
    if (fits) {
      record.headers().forEach(header -> put(properties, header));
    } else {
      properties.entry(HEADERS, PackedHeaders.pack(record.headers()));
    }
    return builder.addData(payload == null ? new byte[0] : payload).build();
  }

  private static void put(MessageBuilder.ApplicationPropertiesBuilder properties, Header header) {
    byte[] value = header.value();
    if (value != null) {
      properties.entry(header.name(), value);
    }
  }

  @Override
  public List<Entry> read(String topic) {
    List<Entry> all = new ArrayList<>();
    BlockingQueue<Message> arrived = new LinkedBlockingQueue<>();
    try (Environment environment = environment()) {
      Consumer consumer =
          environment
              .consumerBuilder()
              .superStream(topic)
              .offset(OffsetSpecification.first())
              .messageHandler((context, message) -> arrived.add(message))
              .build();
      for (Message message = arrived.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
          message != null;
          message = arrived.poll(QUIET_MILLIS, TimeUnit.MILLISECONDS)) {
        all.add(entry(message));
      }
      consumer.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return all;
  }

  @SuppressWarnings("NullAway") // both may be absent, which is not seen in another compilation
  private static Entry entry(Message message) {
    Map<String, Object> properties =
        message.getApplicationProperties() == null ? Map.of() : message.getApplicationProperties();
    Object key = properties.get(KEY);
    boolean absent = "absent".equals(properties.get(PAYLOAD));
    List<Header> headers = new ArrayList<>();
    if (properties.get(HEADERS) instanceof byte[] packed) {
      headers.addAll(PackedHeaders.unpack(packed));
    } else {
      properties.forEach(
          (name, value) -> {
            if (!name.equals(KEY) && !name.equals(PAYLOAD)) {
              headers.add(new Header(name, bytes(value)));
            }
          });
    }
    return new Entry(
        key == null ? null : bytes(key), absent ? null : message.getBodyAsBinary(), headers);
  }

  private static byte[] bytes(@Nullable Object value) {
    return value instanceof byte[] bytes
        ? bytes
        : String.valueOf(value).getBytes(StandardCharsets.UTF_8);
  }
}
