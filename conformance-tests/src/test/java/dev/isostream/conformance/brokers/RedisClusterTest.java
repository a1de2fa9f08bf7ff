package dev.isostream.conformance.brokers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Codecs;
import dev.isostream.Consumer;
import dev.isostream.Delivery;
import dev.isostream.Exhausted;
import dev.isostream.Message;
import dev.isostream.Messaging;
import dev.isostream.Producer;
import dev.isostream.Reader;
import dev.isostream.StartAt;
import dev.isostream.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol;

/** Three servers that form a cluster: partitions lie on all of them. */
class RedisClusterTest {
  private static final int SERVERS = 3;
  private static final int SLOTS = 16_384;
  private static final int MESSAGES = 300;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir private Path directory = Path.of("");
  private final List<ChildProcess> servers = new ArrayList<>();
  private List<Integer> ports = List.of();

  @BeforeEach
  void startCluster() throws IOException {
    RedisProgram program = RedisProgram.find(new BrokerSettings(Map.of()));
    ports = Ports.free(SERVERS);
    for (int port : ports) {
      Path home = Files.createDirectory(directory.resolve("redis-" + port));
      servers.add(
          ChildProcess.start(
              "redis-" + port,
              program
                  .command(
                      List.of(
                          "--port " + port,
                          "--bind 127.0.0.1",
                          "--dir " + home,
                          "--cluster-enabled yes",
                          "--cluster-node-timeout 3000",
                          "--appendonly yes"))
                  .redirectErrorStream(true),
              100,
              line -> {}));
    }
    for (int i = 0; i < SERVERS; i++) {
      RedisReadiness.await(servers.get(i), LIMIT);
      ask(
          i,
          "CLUSTER",
          "ADDSLOTSRANGE",
          Integer.toString(i * SLOTS / SERVERS),
          Integer.toString((i + 1) * SLOTS / SERVERS - 1));
    }
    for (int i = 1; i < SERVERS; i++) {
      ask(0, "CLUSTER", "MEET", "127.0.0.1", Integer.toString(ports.get(i)));
    }
    long deadline = System.nanoTime() + LIMIT.toNanos();
    for (int i = 0; i < SERVERS; i++) {
      while (!ask(i, "CLUSTER", "INFO").contains("cluster_state:ok")) {
        assertThat(System.nanoTime()).as("the cluster forms in time").isLessThan(deadline);
        Thread.onSpinWait();
      }
    }
  }

  private String at(int server) {
    return "127.0.0.1:" + ports.get(server);
  }

  private String ask(int server, String command, String... arguments) {
    try (Connection connection = new Connection(HostAndPort.from(at(server)))) {
      connection.sendCommand(Protocol.Command.valueOf(command), arguments);
      return new String((byte[]) connection.getOne(), java.nio.charset.StandardCharsets.UTF_8);
    }
  }

  @AfterEach
  void stopCluster() {
    servers.forEach(ChildProcess::close);
  }

  @Test
  void publishesConsumesAndReplaysAcrossServers() throws Exception {
    try (Messaging messaging =
        Messaging.builder()
            .address("redis://" + at(0) + "," + at(1))
            .property("redis.mode", "cluster")
            .property("redis.failover.time", "3s")
            .open()) {
      Topic<String> topic = Topic.of("orders", Codecs.utf8());
      messaging.topics().create("orders", 12);
      Map<String, List<String>> sent = new TreeMap<>();
      Map<String, List<String>> got = new TreeMap<>();
      try (Producer<String> producer = messaging.producer(topic).open();
          Consumer<String> consumer =
              messaging.consumer(topic).group("billing").whenExhausted(Exhausted.STOP).open()) {
        for (int i = 0; i < MESSAGES; i++) {
          String key = "k" + i % 30;
          String payload = key + "/" + i;
          sent.computeIfAbsent(key, k -> new ArrayList<>()).add(payload);
          var unused = producer.send(Message.of(payload).key(key));
        }
        producer.flush().join();
        int count = 0;
        while (count < MESSAGES) {
          List<Delivery<String>> batch = consumer.receiveBatch(50, LIMIT);
          assertThat(batch).isNotEmpty();
          for (Delivery<String> delivery : batch) {
            String payload = delivery.payload();
            String key = payload.substring(0, payload.indexOf('/'));
            got.computeIfAbsent(key, k -> new ArrayList<>()).add(payload);
            var unused = delivery.ack();
            count++;
          }
        }
      }
      assertThat(got).isEqualTo(sent);
      try (Reader<String> reader =
          messaging.reader(topic).from(StartAt.earliest()).untilEnd().open()) {
        assertThat(reader.stream().count()).isEqualTo(MESSAGES);
      }
      assertThat(messaging.groups().describe("orders", "billing")).isPresent();
    }
    for (int i = 0; i < SERVERS; i++) {
      assertThat(ask(i, "INFO", "keyspace")).as("each server has a part").contains("keys=");
    }
  }
}
