package dev.isostream.conformance.suite;

import dev.isostream.Header;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The property {@code isostream-headers}, of RabbitMQ and of Pulsar, written anew from the
 * adapters' pages.
 */
final class PackedHeaders {

  private PackedHeaders() {}

  static byte[] pack(List<Header> headers) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      for (Header header : headers) {
        byte[] name = header.name().getBytes(StandardCharsets.UTF_8);
        byte[] value = header.value();
        out.writeInt(name.length);
        out.write(name);
        out.writeInt(value == null ? -1 : value.length);
        if (value != null) {
          out.write(value);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  @SuppressWarnings("NullAway") // a value may be absent, which is not seen in another module
  static List<Header> unpack(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    List<Header> headers = new ArrayList<>();
    while (in.hasRemaining()) {
      byte[] name = new byte[in.getInt()];
      in.get(name);
      int length = in.getInt();
      byte[] value = length < 0 ? null : new byte[length];
      if (value != null) {
        in.get(value);
      }
      headers.add(new Header(new String(name, StandardCharsets.UTF_8), value));
    }
    return headers;
  }
}
