package dev.isostream.conformance.brokers;

import static dev.isostream.conformance.brokers.TcpProxy.Direction.TO_BROKER;
import static dev.isostream.conformance.brokers.TcpProxy.Direction.TO_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The proxy between a client and a server that echoes. */
class TcpProxyTest {
  private static final int PATIENCE_MILLIS = 10_000;
  private static final int SHORT_MILLIS = 200;

  private ServerSocket server = unbound();
  private TcpProxy proxy = TcpProxy.open("127.0.0.1:1");

  private static ServerSocket unbound() {
    try {
      return new ServerSocket();
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
  }

  @BeforeEach
  void open() throws IOException {
    proxy.close();
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    TcpProxy.daemon("echo", this::serve);
    proxy = TcpProxy.open("127.0.0.1:" + server.getLocalPort());
  }

  @AfterEach
  void close() throws IOException {
    proxy.close();
    server.close();
  }

  private void serve() {
    try {
      while (true) {
        Socket socket = server.accept();
        TcpProxy.daemon("echo-one", () -> echo(socket));
      }
    } catch (IOException closed) {
      // the test is over
    }
  }

  private static void echo(Socket socket) {
    try (socket) {
      socket.getInputStream().transferTo(socket.getOutputStream());
    } catch (IOException cut) {
      // as the test wanted
    }
  }

  private Socket connect() throws IOException {
    int port = Integer.parseInt(proxy.address().substring("127.0.0.1:".length()));
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  private static void say(Socket socket, int what) throws IOException {
    socket.getOutputStream().write(what);
  }

  private static int hear(Socket socket) throws IOException {
    return socket.getInputStream().read();
  }

  private void awaitRequests(long bytes) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
    while (proxy.bytes(TO_BROKER) < bytes && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(proxy.bytes(TO_BROKER)).isEqualTo(bytes);
  }

  private static void assertSilent(Socket socket) throws IOException {
    socket.setSoTimeout(SHORT_MILLIS);
    assertThatThrownBy(() -> hear(socket)).isInstanceOf(SocketTimeoutException.class);
    socket.setSoTimeout(PATIENCE_MILLIS);
  }

  @Test
  void forwardsMuchInOrder() throws Exception {
    byte[] sent = new byte[3_000_000];
    for (int i = 0; i < sent.length; i++) {
      sent[i] = (byte) (i * 31);
    }
    try (Socket client = connect()) {
      Thread writer =
          TcpProxy.daemon(
              "writer",
              () -> {
                try {
                  client.getOutputStream().write(sent);
                  client.shutdownOutput();
                } catch (IOException failed) {
                  // shows as missing bytes
                }
              });
      InputStream in = client.getInputStream();
      assertThat(in.readAllBytes()).isEqualTo(sent);
      writer.join(PATIENCE_MILLIS);
      assertThat(writer.isAlive()).isFalse();
    }
    assertThat(proxy.bytes(TO_BROKER)).isEqualTo(sent.length);
    assertThat(proxy.bytes(TO_CLIENT)).isEqualTo(sent.length);
  }

  @Test
  void cutResetsPresentConnectionsOnly() throws IOException {
    try (Socket client = connect()) {
      say(client, 1);
      assertThat(hear(client)).isEqualTo(1);

      assertThat(proxy.cut()).isEqualTo(1);

      assertThatThrownBy(() -> hear(client))
          .isInstanceOf(SocketException.class)
          .hasMessageContaining("reset");
      assertThat(proxy.connections()).isZero();
    }
    try (Socket next = connect()) {
      say(next, 2);
      assertThat(hear(next)).isEqualTo(2);
    }
  }

  @Test
  void refusesNewConnectionsOnly() throws IOException {
    try (Socket client = connect()) {
      say(client, 1);
      assertThat(hear(client)).isEqualTo(1);
      proxy.refuse();
      proxy.refuse();

      assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
      say(client, 2);
      assertThat(hear(client)).isEqualTo(2);

      proxy.accept();
      try (Socket next = connect()) {
        say(next, 3);
        assertThat(hear(next)).isEqualTo(3);
      }
    }
  }

  @Test
  void blackHoleHoldsOneDirectionUntilHealed() throws IOException {
    try (Socket client = connect()) {
      proxy.blackHole(TO_CLIENT);
      say(client, 1);
      say(client, 2);
      assertSilent(client);
      awaitRequests(2);
      assertThat(proxy.bytes(TO_CLIENT)).isZero();

      proxy.heal();

      assertThat(hear(client)).isEqualTo(1);
      assertThat(hear(client)).isEqualTo(2);
    }
  }

  @Test
  void blackHoleInBothDirectionsReachesNewConnectionsToo() throws IOException {
    proxy.blackHole(TO_BROKER, TO_CLIENT);
    try (Socket client = connect()) {
      say(client, 1);
      assertSilent(client);
      assertThat(proxy.bytes(TO_BROKER)).isZero();

      proxy.heal();

      assertThat(hear(client)).isEqualTo(1);
    }
  }

  @Test
  void cutInABlackHoleLosesTheReply() throws IOException {
    try (Socket client = connect()) {
      proxy.blackHole(TO_CLIENT);
      say(client, 1);
      awaitRequests(1);
      assertSilent(client);

      proxy.cut();
      proxy.heal();

      assertThatThrownBy(() -> hear(client)).isInstanceOf(SocketException.class);
      assertThat(proxy.bytes(TO_CLIENT)).isZero();
    }
  }

  @Test
  void delaysEachWay() throws IOException {
    proxy.delay(TO_BROKER, Duration.ofMillis(150));
    proxy.delay(TO_CLIENT, Duration.ofMillis(150));
    try (Socket client = connect()) {
      long begin = System.nanoTime();
      say(client, 1);
      assertThat(hear(client)).isEqualTo(1);
      assertThat(Duration.ofNanos(System.nanoTime() - begin))
          .isGreaterThanOrEqualTo(Duration.ofMillis(300));
    }
  }

  @Test
  void resetsTheClientWhenTheTargetIsDown() throws IOException {
    server.close();
    try (Socket client = connect()) {
      assertThatThrownBy(() -> hear(client)).isInstanceOf(SocketException.class);
    }
  }

  @Test
  void maybeClosedTwiceAndNeverAcceptsAgain() {
    proxy.close();
    proxy.close();

    assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
    assertThatThrownBy(proxy::accept).isInstanceOf(IllegalStateException.class);
  }
}
