package dev.isostream.conformance.brokers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy on the loopback whose network can be made to fail: connections cut, new ones refused,
 * bytes held back or delayed.
 *
 * <p>What a black hole holds back is not lost: it arrives, in order, after {@link #heal}, as it
 * does when a real network comes back before TCP gives up. {@link #cut} while a black hole is on
 * loses it: this is how a reply gets lost whose request arrived.
 *
 * <p>Threads: safe from any.
 */
public final class TcpProxy implements AutoCloseable {
  /** A way through the proxy. */
  public enum Direction {
    /** Requests. */
    TO_BROKER,
    /** Replies. */
    TO_CLIENT
  }

  private static final int CONNECT_MILLIS = 5_000;

  private final InetSocketAddress listenAt;
  private final InetSocketAddress target;
  private final Set<TcpProxyConnection> connections = ConcurrentHashMap.newKeySet();
  private final Map<Direction, AtomicLong> bytes = new EnumMap<>(Direction.class);
  private final Set<Direction> held = EnumSet.noneOf(Direction.class);
  private final Map<Direction, Duration> delays = new EnumMap<>(Direction.class);
  private @Nullable ServerSocket listener;
  private @Nullable Thread acceptor;
  private boolean closed;

  private TcpProxy(InetSocketAddress listenAt, InetSocketAddress target) {
    this.listenAt = listenAt;
    this.target = target;
    for (Direction direction : Direction.values()) {
      bytes.put(direction, new AtomicLong());
    }
  }

  /** Opens one that forwards to the target, {@code host:port}. The target need not listen yet. */
  public static TcpProxy open(String target) {
    int colon = target.lastIndexOf(':');
    TcpProxy proxy =
        new TcpProxy(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), Ports.free(1).get(0)),
            new InetSocketAddress(
                target.substring(0, colon), Integer.parseInt(target.substring(colon + 1))));
    proxy.accept();
    return proxy;
  }

  /** {@code host:port} for clients; the same for the proxy's life. */
  public String address() {
    return listenAt.getAddress().getHostAddress() + ":" + listenAt.getPort();
  }

  /** Takes new connections again, after {@link #refuse}. */
  public synchronized void accept() {
    if (closed) {
      throw new IllegalStateException("this proxy is closed");
    }
    if (listener != null) {
      return;
    }
    try {
      ServerSocket opened = new ServerSocket();
      opened.setReuseAddress(true);
      opened.bind(listenAt);
      listener = opened;
      acceptor = daemon("proxy-" + listenAt.getPort(), () -> acceptFrom(opened));
    } catch (IOException failed) {
      throw new UncheckedIOException("can't listen at " + address(), failed);
    }
  }

  private void acceptFrom(ServerSocket from) {
    try {
      while (true) {
        Socket client = from.accept();
        daemon("proxy-" + listenAt.getPort() + "-connect", () -> connect(client));
      }
    } catch (IOException closed) {
      // by refuse or close
    }
  }

  /**
   * Where the target can't be reached, the client sees a reset: the nearest that a proxy can come
   * to a refusal.
   */
  private void connect(Socket client) {
    Socket broker = new Socket();
    try {
      broker.connect(target, CONNECT_MILLIS);
      broker.setTcpNoDelay(true);
      client.setTcpNoDelay(true);
    } catch (IOException unreachable) {
      TcpProxyConnection.reset(broker);
      TcpProxyConnection.reset(client);
      return;
    }
    TcpProxyConnection connection = new TcpProxyConnection(this, client, broker);
    synchronized (this) {
      if (closed) {
        connection.cut();
        return;
      }
      connections.add(connection);
    }
    connection.start();
  }

  /**
   * From now on, new connections are refused by the system itself. Present ones live on: see {@link
   * #cut}.
   */
  public synchronized void refuse() {
    if (listener == null) {
      return;
    }
    try {
      listener.close();
    } catch (IOException failed) {
      throw new UncheckedIOException("can't close the listener at " + address(), failed);
    } finally {
      listener = null;
      awaitAcceptor();
    }
  }

  /**
   * The system frees the port only once nobody waits at the closed listener any more; listening
   * again before that fails.
   */
  private void awaitAcceptor() {
    Thread ending = acceptor;
    acceptor = null;
    boolean interrupted = false;
    while (ending != null && ending.isAlive()) {
      try {
        ending.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Resets every present connection at once, on both sides; what was under way is lost. New ones
   * are welcome.
   *
   * @return how many there were
   */
  public int cut() {
    List<TcpProxyConnection> present = List.copyOf(connections);
    present.forEach(TcpProxyConnection::cut);
    return present.size();
  }

  /**
   * From now on, nothing gets through in these directions; connections stay open and new ones are
   * taken.
   */
  public synchronized void blackHole(Direction first, Direction... more) {
    held.add(first);
    held.addAll(List.of(more));
  }

  /**
   * From now on, all that goes in this direction takes so much longer; throughput is not limited.
   */
  public synchronized void delay(Direction direction, Duration by) {
    if (by.isNegative()) {
      throw new IllegalArgumentException("the delay is " + by + "; allowed: zero or more");
    }
    delays.put(direction, by);
  }

  /** Ends black holes and delays, and takes new connections. What was held back arrives. */
  public synchronized void heal() {
    held.clear();
    delays.clear();
    notifyAll();
    accept();
  }

  /** How many connections are open through it now. */
  public int connections() {
    return connections.size();
  }

  /** How many bytes it has passed on in this direction since it was opened. */
  public long bytes(Direction direction) {
    return count(direction).get();
  }

  private AtomicLong count(Direction direction) {
    AtomicLong count = bytes.get(direction);
    if (count == null) {
      throw new AssertionError(direction);
    }
    return count;
  }

  /** Cuts all connections and refuses new ones, for good. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      refuse();
    }
    cut();
  }

  void passed(Direction direction, int length) {
    count(direction).addAndGet(length);
  }

  void gone(TcpProxyConnection connection) {
    connections.remove(connection);
  }

  synchronized Duration delay(Direction direction) {
    return delays.getOrDefault(direction, Duration.ZERO);
  }

  /** Waits while a black hole is on. */
  synchronized void awaitOpen(Direction direction) throws InterruptedException {
    while (held.contains(direction)) {
      wait();
    }
  }

  static Thread daemon(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  @Override
  public String toString() {
    return "TcpProxy[" + address() + " -> " + target + "]";
  }
}
