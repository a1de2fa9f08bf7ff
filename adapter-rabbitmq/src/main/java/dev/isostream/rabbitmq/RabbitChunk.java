package dev.isostream.rabbitmq;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import java.util.function.BiConsumer;

/**
 * Some messages that the broker stored together, as its header says: they have one timestamp.
 *
 * @param first the first one's offset
 * @param timestamp milliseconds of the broker's clock
 */
record RabbitChunk(long first, long count, long timestamp) {

  private static final int DELIVER = 8;
  private static final int RESPONSE_BIT = 0x7fff;
  private static final int LEAST_BYTES = 53;

  /** The offset behind its last message. */
  long end() {
    return first + count;
  }

  /**
   * Shows each chunk's header in the moment that it arrives: before the answer to whatever was
   * asked later on this connection, which the client itself does not keep in order.
   *
   * @param chunks told of subscription and chunk, on the connection's thread
   */
  static void watch(Channel channel, BiConsumer<Integer, RabbitChunk> chunks) {
    channel
        .pipeline()
        .addAfter(
            LengthFieldBasedFrameDecoder.class.getSimpleName(),
            "isostream-chunks",
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext context, Object message) {
                if (message instanceof ByteBuf frame) {
                  look(frame, chunks);
                }
                context.fireChannelRead(message);
              }
            });
  }

  /** Frame: command, version, subscription, from version 2 the committed chunk, then the chunk. */
  private static void look(ByteBuf frame, BiConsumer<Integer, RabbitChunk> chunks) {
    int at = frame.readerIndex();
    if (frame.readableBytes() < LEAST_BYTES || (frame.getShort(at) & RESPONSE_BIT) != DELIVER) {
      return;
    }
    int subscription = frame.getUnsignedByte(at + 4);
    int chunk = at + 5 + (frame.getShort(at + 2) >= 2 ? 8 : 0);
    // magic and version (1), type (1), entries (2), records (4), timestamp (8), epoch (8), offset
    chunks.accept(
        subscription,
        new RabbitChunk(
            frame.getLong(chunk + 24), frame.getUnsignedInt(chunk + 4), frame.getLong(chunk + 8)));
  }
}
