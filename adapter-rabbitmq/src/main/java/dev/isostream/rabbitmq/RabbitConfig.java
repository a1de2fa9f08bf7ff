package dev.isostream.rabbitmq;

import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.stream.impl.Client;
import dev.isostream.spi.DriverConfig;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * What the native clients are opened with: what was set, and what the contract needs. Immutable.
 */
final class RabbitConfig {

  static final int MAX_FRAME_BYTES = 1 << 20;

  private static final int AMQP_PORT = 5672;
  private static final Duration HEARTBEAT = Duration.ofSeconds(10);
  private static final Duration FAILOVER_TIME = Duration.ofSeconds(15);

  private final DriverConfig config;
  private final List<RabbitNode> nodes;

  RabbitConfig(DriverConfig config) {
    this.config = config;
    this.nodes =
        Arrays.stream(config.address().split(",", -1))
            .map(text -> RabbitNode.parse(text.strip()))
            .flatMap(Optional::stream)
            .toList();
  }

  /** Those that were given, in their order. */
  List<RabbitNode> nodes() {
    return nodes;
  }

  String address() {
    return config.address();
  }

  Duration requestTimeout() {
    return config.requestTimeout();
  }

  /** Whether nodes are called only where the address says, and not where they say themselves. */
  boolean onlyGivenNodes() {
    return RabbitProperties.GIVEN.equals(get(RabbitProperties.CONNECT));
  }

  Duration failoverTime() {
    return duration(RabbitProperties.FAILOVER_TIME, FAILOVER_TIME);
  }

  /** Arguments of streams that are created, without {@code x-}. */
  Map<String, String> topicArguments() {
    Map<String, String> arguments = new HashMap<>();
    config
        .properties()
        .forEach(
            (name, value) -> {
              if (name.startsWith(RabbitProperties.TOPIC_CONFIG_PREFIX)) {
                arguments.put(name.substring(RabbitProperties.TOPIC_CONFIG_PREFIX.length()), value);
              }
            });
    return arguments;
  }

  /** For one connection by the stream protocol. */
  Client.ClientParameters client(RabbitNode node, String purpose) {
    int connectMillis = millis(requestTimeout());
    Client.ClientParameters parameters =
        new Client.ClientParameters()
            .host(node.host())
            .port(node.port())
            .virtualHost(virtualHost())
            .username(username())
            .password(password())
            .requestedHeartbeat(duration(RabbitProperties.HEARTBEAT, HEARTBEAT))
            .requestedMaxFrameSize(MAX_FRAME_BYTES)
            .rpcTimeout(requestTimeout())
            .clientProperty("connection_name", config.clientId() + "-" + purpose)
            .bootstrapCustomizer(
                bootstrap -> bootstrap.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, connectMillis));
    if (tls()) {
      try {
        SslContextBuilder ssl =
            SslContextBuilder.forClient().endpointIdentificationAlgorithm("HTTPS");
        TrustManagerFactory trust = trust();
        parameters.sslContext((trust == null ? ssl : ssl.trustManager(trust)).build());
      } catch (IOException e) {
        throw noTrust(e);
      }
    }
    return parameters;
  }

  /** For AMQP 0-9-1. */
  ConnectionFactory amqp() {
    ConnectionFactory factory = new ConnectionFactory();
    RabbitNode node = amqpNode();
    factory.setHost(node.host());
    factory.setPort(node.port());
    factory.setVirtualHost(virtualHost());
    factory.setUsername(username());
    factory.setPassword(password());
    factory.setAutomaticRecoveryEnabled(false);
    factory.setTopologyRecoveryEnabled(false);
    int millis = millis(requestTimeout());
    factory.setConnectionTimeout(millis);
    factory.setHandshakeTimeout(millis);
    factory.setChannelRpcTimeout(millis);
    if (tls()) {
      try {
        SSLContext context = SSLContext.getInstance("TLS");
        TrustManagerFactory trust = trust();
        context.init(null, trust == null ? null : trust.getTrustManagers(), null);
        factory.useSslProtocol(context);
        factory.enableHostnameVerification();
      } catch (GeneralSecurityException e) {
        throw noTrust(e);
      }
    }
    return factory;
  }

  RabbitNode amqpNode() {
    String set = get(RabbitProperties.AMQP_ADDRESS);
    return set == null
        ? new RabbitNode(nodes.get(0).host(), AMQP_PORT)
        : RabbitNode.parse(set).orElseThrow();
  }

  private boolean tls() {
    return "true".equals(get(RabbitProperties.TLS));
  }

  /** Null for the JVM's own. */
  private @Nullable TrustManagerFactory trust() {
    String file = get(RabbitProperties.TRUST_STORE);
    if (file == null) {
      return null;
    }
    String password = Objects.requireNonNullElse(get(RabbitProperties.TRUST_STORE_PASSWORD), "");
    try (InputStream bytes = Files.newInputStream(Path.of(file))) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(bytes, password.toCharArray());
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      return trust;
    } catch (IOException | GeneralSecurityException e) {
      throw noTrust(e);
    }
  }

  private DriverException noTrust(Exception e) {
    return new DriverException(
        ErrorKind.INVALID,
        "TLS can't be set up with rabbitmq.tls.trust.store="
            + get(RabbitProperties.TRUST_STORE)
            + ": it has to be a PKCS12 file that rabbitmq.tls.trust.store.password opens.",
        e);
  }

  String virtualHost() {
    return Objects.requireNonNullElse(get(RabbitProperties.VIRTUAL_HOST), "/");
  }

  private String username() {
    return Objects.requireNonNullElse(get(RabbitProperties.USERNAME), "guest");
  }

  private String password() {
    return Objects.requireNonNullElse(get(RabbitProperties.PASSWORD), "guest");
  }

  private Duration duration(String name, Duration standard) {
    String set = get(name);
    return set == null
        ? standard
        : Objects.requireNonNullElse(RabbitProperties.duration(set), standard);
  }

  private @Nullable String get(String name) {
    return config.properties().get(name);
  }

  static int millis(Duration time) {
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, time.toMillis()));
  }
}
