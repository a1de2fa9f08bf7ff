package dev.isostream.conformance.suite;

import dev.isostream.Header;
import dev.isostream.conformance.Foreign;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol;

/** Plain commands, by the layout on the adapter's page. */
final class RedisForeign implements Foreign {

  private final String address;

  RedisForeign(String address) {
    this.address = address;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void write(String topic, List<Entry> records) {
    try (Connection connection = new Connection(HostAndPort.from(address))) {
      for (Entry record : records) {
        List<byte[]> words = new ArrayList<>(List.of(stream(topic, 0), bytes("*")));
        if (record.key() != null) {
          words.add(bytes("k"));
          words.add(record.key());
        }
        if (record.payload() != null) {
          words.add(bytes("p"));
          words.add(record.payload());
        }
        for (Header header : record.headers()) {
          byte[] value = header.value();
          words.add(bytes((value == null ? "n:" : "h:") + header.name()));
          words.add(value == null ? new byte[0] : value);
        }
        if (words.size() == 2) {
          words.add(bytes("v"));
          words.add(bytes("1"));
        }
        connection.sendCommand(Protocol.Command.XADD, words.toArray(byte[][]::new));
        connection.getOne();
      }
    }
  }

  private static byte[] stream(String topic, int partition) {
    return bytes("isostream:{" + topic + ":" + partition + "}");
  }

  @Override
  public List<Entry> read(String topic) {
    List<Entry> all = new ArrayList<>();
    try (Connection connection = new Connection(HostAndPort.from(address))) {
      connection.sendCommand(
          Protocol.Command.HGET, bytes("isostream:topic:" + topic), bytes("partitions"));
      int partitions = Integer.parseInt(text(connection.getOne()));
      for (int i = 0; i < partitions; i++) {
        connection.sendCommand(Protocol.Command.XRANGE, stream(topic, i), bytes("-"), bytes("+"));
        for (Object entry : (List<?>) connection.getOne()) {
          all.add(entry((List<?>) ((List<?>) entry).get(1)));
        }
      }
    }
    return all;
  }

  private static String text(Object bytes) {
    return new String((byte[]) bytes, StandardCharsets.UTF_8);
  }

  @SuppressWarnings("NullAway") // of records' class files it does not read that arrays may be null
  private static Entry entry(List<?> words) {
    byte @Nullable [] key = null;
    byte @Nullable [] payload = null;
    List<Header> headers = new ArrayList<>();
    for (int i = 0; i < words.size(); i += 2) {
      byte[] field = (byte[]) words.get(i);
      byte[] value = (byte[]) words.get(i + 1);
      if (Arrays.equals(field, bytes("k"))) {
        key = value;
      } else if (Arrays.equals(field, bytes("p"))) {
        payload = value;
      } else if (!Arrays.equals(field, bytes("v"))) {
        String name = text(field);
        headers.add(new Header(name.substring(2), name.startsWith("n:") ? null : value));
      }
    }
    return new Entry(key, payload, headers);
  }
}
