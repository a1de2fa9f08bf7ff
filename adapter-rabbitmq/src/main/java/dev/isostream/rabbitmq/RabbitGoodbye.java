package dev.isostream.rabbitmq;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Ends a connection as the protocol asks for: says so, and lets the broker hang up. A broker that
 * does not is hung up on.
 *
 * <p>The client's own close waits for the broker's answer; if the connection breaks meanwhile it
 * gives up, and leaves its two threads behind for ever, which keep the process alive (1.11.0). Of a
 * connection that ended without its asking it leaves nothing.
 */
final class RabbitGoodbye extends ChannelInboundHandlerAdapter {

  private static final int CLOSE = 22;
  private static final int RESPONSE_BIT = 0x8000;
  private static final int VERSION = 1;
  private static final int OK = 1;
  private static final byte[] REASON = "OK".getBytes(StandardCharsets.US_ASCII);

  /** None of the client's requests has it: those count from 1. */
  private static final int CORRELATION = -1;

  private static final long PATIENCE_SECONDS = 5;

  private final Channel channel;

  private RabbitGoodbye(Channel channel) {
    this.channel = channel;
  }

  /** Prepares it for a connection that has just been made. */
  static RabbitGoodbye of(Channel channel) {
    RabbitGoodbye goodbye = new RabbitGoodbye(channel);
    channel
        .pipeline()
        .addAfter(LengthFieldBasedFrameDecoder.class.getSimpleName(), "isostream-goodbye", goodbye);
    return goodbye;
  }

  /** The answer is nothing that the client waits for. */
  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof ByteBuf frame && isAnswer(frame)) {
      ReferenceCountUtil.release(frame);
    } else {
      context.fireChannelRead(message);
    }
  }

  private static boolean isAnswer(ByteBuf frame) {
    int at = frame.readerIndex();
    return frame.readableBytes() >= 8
        && frame.getUnsignedShort(at) == (RESPONSE_BIT | CLOSE)
        && frame.getInt(at + 4) == CORRELATION;
  }

  /**
   * Says it, without waiting.
   *
   * @param ended called once, when the connection is gone
   */
  @SuppressWarnings("FutureReturnValueIgnored") // what comes of each shows in the channel's end
  void say(Runnable ended) {
    channel.closeFuture().addListener(closed -> ended.run());
    if (!channel.isActive()) {
      channel.close();
      return;
    }
    int length = 2 + 2 + 4 + 2 + 2 + REASON.length;
    ByteBuf frame = channel.alloc().buffer(4 + length);
    frame.writeInt(length).writeShort(CLOSE).writeShort(VERSION).writeInt(CORRELATION);
    frame.writeShort(OK).writeShort(REASON.length).writeBytes(REASON);
    channel.writeAndFlush(frame);
    Future<?> late =
        channel
            .eventLoop()
            .schedule(
                () -> {
                  channel.close();
                },
                PATIENCE_SECONDS,
                TimeUnit.SECONDS);
    channel.closeFuture().addListener(closed -> late.cancel(false));
  }
}
