package dev.isostream.rabbitmq;

import com.rabbitmq.stream.Codec;
import com.rabbitmq.stream.Message;
import com.rabbitmq.stream.MessageBuilder;
import com.rabbitmq.stream.Properties;
import com.rabbitmq.stream.codec.InternalCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The client's own encoding, AMQP 1.0, but decoded only when asked for: not on the connection's
 * thread, where a malformed message would end the reading of all (contract E5). Stateless.
 */
final class RabbitCodec implements Codec {

  static final RabbitCodec INSTANCE = new RabbitCodec();

  /** The client's default. */
  private final Codec amqp = new InternalCodec();

  private RabbitCodec() {}

  @Override
  public EncodedMessage encode(Message message) {
    return amqp.encode(message);
  }

  @Override
  public MessageBuilder messageBuilder() {
    return amqp.messageBuilder();
  }

  @Override
  public Message decode(ByteBuf buffer, int length) {
    byte[] bytes = new byte[length];
    buffer.readBytes(bytes);
    return new Raw(bytes);
  }

  /** The message inside; null where the bytes are none. */
  @Nullable Message open(Raw raw) {
    Message message;
    try {
      message = amqp.decode(Unpooled.wrappedBuffer(raw.bytes), raw.bytes.length);
    } catch (RuntimeException e) {
      return null; // the decoder throws whatever comes up
    }
    // it steps over values that are no sections
    boolean any =
        message.getBody() != null
            || message.getBodyAsBinary() != null
            || message.getProperties() != null
            || message.getApplicationProperties() != null;
    return any ? message : null;
  }

  /** A message as it is stored. */
  static final class Raw implements Message {

    final byte[] bytes;

    Raw(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public boolean hasPublishingId() {
      return false;
    }

    @Override
    public long getPublishingId() {
      return 0;
    }

    @Override
    public byte[] getBodyAsBinary() {
      return bytes;
    }

    @Override
    public Object getBody() {
      return bytes;
    }

    @Override
    @SuppressWarnings("NullAway") // as the client says: null where there are none
    public Properties getProperties() {
      return null;
    }

    @Override
    public Map<String, Object> getApplicationProperties() {
      return Map.of();
    }

    @Override
    public Map<String, Object> getMessageAnnotations() {
      return Map.of();
    }
  }
}
