package dev.isostream.rabbitmq;

import dev.isostream.spi.ErrorKind;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;

/**
 * The native client's own threads, shared by all connections of a driver. Left to itself, the
 * client starts one for each connection, and leaves it behind, with its file descriptors, for each
 * that fails. Thread-safe.
 */
final class RabbitLoops implements AutoCloseable {

  /** Each is started when it is needed first. */
  private static final int MOST_THREADS = 4;

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          MOST_THREADS,
          new DefaultThreadFactory("isostream-rabbitmq", true),
          NioIoHandler.newFactory());

  private int users;
  private boolean closed;

  /** For one connection, until {@link #leave}. */
  synchronized EventLoopGroup enter() {
    if (closed) {
      throw RabbitErrors.of(ErrorKind.CLOSED, "Connecting to RabbitMQ", null);
    }
    users++;
    return group;
  }

  synchronized void leave() {
    users--;
    endIfUnused();
  }

  /** Ends the threads when the last connection has said goodbye. */
  @Override
  public synchronized void close() {
    closed = true;
    endIfUnused();
  }

  private void endIfUnused() {
    if (closed && users == 0) {
      var unused = group.shutdownGracefully();
    }
  }
}
