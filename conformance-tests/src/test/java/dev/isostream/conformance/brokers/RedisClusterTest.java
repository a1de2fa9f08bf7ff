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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
  private static final int PARTITIONS = 12;
  private static final Duration IDLE = Duration.ofSeconds(4);

  /** Each stream once in two seconds, and a wait at each server. */
  private static final long MOST_READS = 12;

  private static final Pattern CALLS = Pattern.compile("cmdstat_([^:]+):calls=(\\d+)");

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

  /** How many commands the servers have carried out, by clients' requests and scripts, by name. */
  private Map<String, Long> commands() {
    Map<String, Long> all = new TreeMap<>();
    for (int i = 0; i < SERVERS; i++) {
      Matcher calls = CALLS.matcher(ask(i, "INFO", "commandstats"));
      while (calls.find()) {
        all.merge(calls.group(1), Long.parseLong(calls.group(2)), Long::sum);
      }
    }
    return all;
  }

  private Messaging connect() {
    return Messaging.builder()
        .address("redis://" + at(0) + "," + at(1))
        .property("redis.mode", "cluster")
        .property("redis.failover.time", "20s")
        .open();
  }

  @Test
  void waitingCostsNothingAndEndsAtOnce() throws Exception {
    Topic<String> topic = Topic.of("orders", Codecs.utf8());
    try (Messaging messaging = connect()) {
      messaging.topics().create("orders", PARTITIONS);
      try (Producer<String> producer = messaging.producer(topic).open();
          Consumer<String> consumer =
              messaging.consumer(topic).group("billing").whenExhausted(Exhausted.STOP).open()) {
        sendAndReceive(producer, consumer); // by now all partitions are read

        Map<String, Long> before = commands();
        assertThat(consumer.receive(IDLE)).isEmpty();
        Map<String, Long> more = commands();
        before.forEach((name, calls) -> more.merge(name, -calls, Long::sum));
        assertThat(
                (more.getOrDefault("xread", 0L) + more.getOrDefault("client|unblock", 0L))
                    / IDLE.toSeconds())
            .as("reads in a second, of a member that waits at 12 partitions: %s", more)
            .isLessThan(MOST_READS);

        Duration all = sendAndReceive(producer, consumer);
        assertThat(all.dividedBy(PARTITIONS))
            .as("from a send to its delivery, on the average")
            .isLessThan(Duration.ofMillis(100));
      }
    }
  }

  /** One message to each partition, one after the other. */
  private static Duration sendAndReceive(Producer<String> producer, Consumer<String> consumer)
      throws Exception {
    Set<String> partitions = new HashSet<>();
    long begin = System.nanoTime();
    int sent = 0;
    while (partitions.size() < PARTITIONS) {
      producer.sendSync(Message.of("m").key("k" + sent++));
      Delivery<String> delivery = consumer.receive(LIMIT).orElseThrow();
      partitions.add(delivery.position().partition());
      delivery.ack().toCompletableFuture().join();
    }
    return Duration.ofNanos((System.nanoTime() - begin) * PARTITIONS / sent);
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
