package dev.isostream.pulsar;

import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLException;
import org.apache.pulsar.client.api.PulsarClientException;
import org.apache.pulsar.client.impl.ClientCnx;
import org.apache.pulsar.client.impl.ConnectionPool;
import org.apache.pulsar.client.impl.PulsarClientImpl;
import org.apache.pulsar.client.impl.conf.ClientConfigurationData;
import org.apache.pulsar.client.impl.metrics.InstrumentProvider;
import org.apache.pulsar.client.util.ExecutorProvider.ExtendedThreadFactory;
import org.apache.pulsar.common.util.netty.EventLoopUtil;
import org.apache.pulsar.shade.io.netty.channel.ChannelHandlerContext;
import org.apache.pulsar.shade.io.netty.channel.EventLoopGroup;
import org.jspecify.annotations.Nullable;

/**
 * The native client with connections that say why TLS was not agreed on. Of the native ones only
 * the log tells; whoever wanted a connection hears that it was closed (contract E3).
 */
final class PulsarTlsClient extends PulsarClientImpl {

  private static final int DEEPEST_CAUSE = 8;

  /** The client does not try again what fails with this. */
  static final class NotTrustedException
      extends PulsarClientException.InvalidConfigurationException {
    private static final long serialVersionUID = 1;

    NotTrustedException(Throwable cause) {
      super(cause);
    }
  }

  private final Connections connections;
  private final EventLoopGroup threads;

  private PulsarTlsClient(
      ClientConfigurationData config, EventLoopGroup threads, Connections connections)
      throws PulsarClientException {
    super(config, threads, connections);
    this.threads = threads;
    this.connections = connections;
  }

  static PulsarTlsClient open(ClientConfigurationData config) throws PulsarClientException {
    EventLoopGroup threads =
        EventLoopUtil.newEventLoopGroup(
            config.getNumIoThreads(),
            config.isEnableBusyWait(),
            new ExtendedThreadFactory("pulsar-client-io", true));
    try {
      return new PulsarTlsClient(config, threads, new Connections(config, threads));
    } catch (PulsarClientException | RuntimeException e) {
      var unused = threads.shutdownGracefully();
      throw e;
    }
  }

  /** The client ends only what it has made itself. */
  @Override
  public void shutdown() throws PulsarClientException {
    try {
      super.shutdown();
    } finally {
      connections.close();
      var unused = threads.shutdownGracefully();
    }
  }

  private static final class Connections extends ConnectionPool {
    private final Problem problem;

    Connections(ClientConfigurationData config, EventLoopGroup threads)
        throws PulsarClientException {
      this(config, threads, new Problem());
    }

    private Connections(ClientConfigurationData config, EventLoopGroup threads, Problem problem)
        throws PulsarClientException {
      super(
          new InstrumentProvider(config.getOpenTelemetry()),
          config,
          threads,
          () -> new Connection(config, threads, problem),
          threads);
      this.problem = problem;
    }

    @Override
    public void close() {
      try {
        super.close();
      } catch (Exception e) {
        System.getLogger(PulsarTlsClient.class.getName())
            .log(System.Logger.Level.DEBUG, "Closing connections failed", e);
      }
    }

    @Override
    public CompletableFuture<ClientCnx> getConnection(
        InetSocketAddress logical, InetSocketAddress physical, int key) {
      return super.getConnection(logical, physical, key)
          .whenComplete(
              (connection, failure) -> {
                if (failure == null) {
                  problem.solved();
                }
              })
          .exceptionally(
              failure -> {
                Throwable told = problem.explain(failure);
                throw told instanceof CompletionException same
                    ? same
                    : new CompletionException(told);
              });
    }
  }

  /** What the last connection that was tried has failed with. Thread-safe. */
  private static final class Problem {
    private @Nullable Throwable last;
    private boolean agreedOnce;

    synchronized void forgotten() {
      last = null;
    }

    synchronized void noted(Throwable failure) {
      last = failure;
    }

    synchronized void solved() {
      last = null;
      agreedOnce = true;
    }

    /** A certificate that nobody has trusted yet will not be trusted the next time. */
    synchronized Throwable explain(Throwable failure) {
      Throwable cause = last;
      if (cause == null) {
        return failure;
      }
      return !agreedOnce && caused(cause, GeneralSecurityException.class)
          ? new NotTrustedException(cause)
          : new PulsarClientException(cause);
    }
  }

  private static final class Connection extends ClientCnx {
    private final Problem problem;

    Connection(ClientConfigurationData config, EventLoopGroup threads, Problem problem) {
      super(new InstrumentProvider(config.getOpenTelemetry()), config, threads);
      this.problem = problem;
      problem.forgotten();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) throws Exception {
      if (caused(cause, SSLException.class)) {
        problem.noted(cause);
      }
      super.exceptionCaught(context, cause);
    }
  }

  private static boolean caused(Throwable failure, Class<? extends Throwable> by) {
    Throwable at = failure;
    for (int i = 0; i < DEEPEST_CAUSE && at != null; i++) {
      if (by.isInstance(at)) {
        return true;
      }
      at = at.getCause();
    }
    return false;
  }
}
