package dev.isostream.conformance.brokers;

import dev.isostream.conformance.brokers.TcpProxy.Direction;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One connection through a {@link TcpProxy}: in each direction a thread that reads and one that
 * writes, a queue between.
 */
final class TcpProxyConnection {
  private static final int CHUNK_BYTES = 16 * 1024;

  /**
   * With the chunk's size, the most that is held per direction: 1 MiB. Beyond it the sender sees
   * TCP's own back-pressure.
   */
  private static final int QUEUED_CHUNKS = 64;

  private final TcpProxy proxy;
  private final Socket client;
  private final Socket broker;
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicInteger openDirections = new AtomicInteger(Direction.values().length);

  TcpProxyConnection(TcpProxy proxy, Socket client, Socket broker) {
    this.proxy = proxy;
    this.client = client;
    this.broker = broker;
  }

  synchronized void start() {
    pump(Direction.TO_BROKER, client, broker);
    pump(Direction.TO_CLIENT, broker, client);
  }

  private void pump(Direction direction, Socket from, Socket to) {
    BlockingQueue<Chunk> queue = new ArrayBlockingQueue<>(QUEUED_CHUNKS);
    String name = "proxy-" + from.getPort() + "-" + direction;
    threads.add(TcpProxy.daemon(name + "-read", () -> read(direction, from, queue)));
    threads.add(TcpProxy.daemon(name + "-write", () -> write(direction, to, queue)));
  }

  private void read(Direction direction, Socket from, BlockingQueue<Chunk> queue) {
    byte[] buffer = new byte[CHUNK_BYTES];
    try {
      int length;
      do {
        length = readSome(from, buffer);
        long due = System.nanoTime() + proxy.delay(direction).toNanos();
        queue.put(new Chunk(ByteBuffer.wrap(Arrays.copyOf(buffer, Math.max(0, length))), due));
      } while (length >= 0);
    } catch (InterruptedException cut) {
      // the writer was told as well
    }
  }

  /**
   * A broken connection ends like a closed one: after what came before it, and not before a black
   * hole is over.
   */
  private static int readSome(Socket from, byte[] buffer) {
    try {
      return from.getInputStream().read(buffer);
    } catch (IOException broken) {
      return -1;
    }
  }

  private void write(Direction direction, Socket to, BlockingQueue<Chunk> queue) {
    try {
      while (true) {
        Chunk chunk = queue.take();
        TimeUnit.NANOSECONDS.sleep(chunk.due() - System.nanoTime());
        proxy.awaitOpen(direction);
        if (chunk.isEnd()) {
          to.shutdownOutput();
          break;
        }
        to.getOutputStream().write(chunk.bytes().array());
        proxy.passed(direction, chunk.bytes().capacity());
      }
    } catch (IOException broken) {
      cut();
    } catch (InterruptedException cut) {
      return;
    }
    if (openDirections.decrementAndGet() == 0) {
      proxy.gone(this);
      close(client); // in good order: the last bytes may still be on their way
      close(broker);
    }
  }

  /** Resets both sides and ends the threads, whatever they wait for. */
  synchronized void cut() {
    proxy.gone(this);
    reset(client);
    reset(broker);
    threads.forEach(Thread::interrupt);
  }

  /** Closes with a reset, not a farewell. */
  static void reset(Socket socket) {
    try {
      if (!socket.isClosed()) {
        socket.setSoLinger(true, 0);
      }
    } catch (IOException closedMeanwhile) {
      // as wanted
    }
    close(socket);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException closedMeanwhile) {
      // as wanted
    }
  }

  /** Bytes on their way, none at the end of the stream. */
  private record Chunk(ByteBuffer bytes, long due) {
    boolean isEnd() {
      return !bytes.hasRemaining();
    }
  }
}
