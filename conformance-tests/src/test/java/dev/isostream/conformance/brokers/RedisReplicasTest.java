package dev.isostream.conformance.brokers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isostream.Codecs;
import dev.isostream.Exhausted;
import dev.isostream.Message;
import dev.isostream.Messaging;
import dev.isostream.MessagingBuilder;
import dev.isostream.Producer;
import dev.isostream.SendFailedException;
import dev.isostream.StartAt;
import dev.isostream.Subscription;
import dev.isostream.Topic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.exceptions.JedisException;

/** Servers that have replicas, and sentinels that choose another one when the first is gone. */
class RedisReplicasTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Topic<String> TOPIC = Topic.of("orders", Codecs.utf8());
  private static final String STREAM = "isostream:{orders:0}";
  private static final int MESSAGES = 20_000;
  private static final int KEYS = 50;

  @TempDir private Path directory = Path.of("");
  private final RedisProgram program = RedisProgram.find(new BrokerSettings(Map.of()));
  private final List<ChildProcess> processes = new ArrayList<>();

  @AfterEach
  void stop() {
    processes.forEach(ChildProcess::close);
  }

  private static String at(int port) {
    return "127.0.0.1:" + port;
  }

  private ChildProcess server(int port, String... more) throws IOException {
    Path home = Files.createDirectories(directory.resolve("redis-" + port));
    List<String> lines =
        new ArrayList<>(
            List.of(
                "port " + port,
                "bind 127.0.0.1",
                "dir " + home,
                "appendonly yes",
                "repl-diskless-sync-delay 0"));
    lines.addAll(List.of(more));
    ChildProcess started = start("redis-" + port, home.resolve("redis.conf"), lines);
    RedisReadiness.await(started, LIMIT);
    return started;
  }

  private ChildProcess start(String name, Path file, List<String> lines, String... arguments)
      throws IOException {
    Files.write(file, lines);
    List<String> command = new ArrayList<>(List.of(file.toString()));
    command.addAll(List.of(arguments));
    ChildProcess started =
        ChildProcess.start(
            name, program.command(command).redirectErrorStream(true), 1000, line -> {});
    processes.add(started);
    return started;
  }

  private ChildProcess replica(int port, int of) throws IOException {
    ChildProcess started = server(port, "replicaof 127.0.0.1 " + of);
    await("it replicates", () -> ask(port, "INFO", "replication").contains("link_status:up"));
    return started;
  }

  private void sentinel(int port, int of) throws IOException {
    Path home = Files.createDirectories(directory.resolve("sentinel-" + port));
    start(
        "sentinel-" + port,
        home.resolve("sentinel.conf"),
        List.of(
            "port " + port,
            "bind 127.0.0.1",
            "dir " + home,
            "sentinel monitor main 127.0.0.1 " + of + " 2",
            "sentinel down-after-milliseconds main 1000",
            "sentinel failover-timeout main 5000"),
        "--sentinel");
  }

  private static String ask(int port, String command, String... arguments) {
    try (Connection connection = new Connection(HostAndPort.from(at(port)))) {
      connection.sendCommand(() -> command.getBytes(StandardCharsets.UTF_8), arguments);
      Object reply = connection.getOne();
      return reply instanceof byte[] bytes
          ? new String(bytes, StandardCharsets.UTF_8)
          : String.valueOf(reply);
    } catch (JedisException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static void await(String what, BooleanSupplier there) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!there.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  private static Messaging connect(String address, Map<String, String> properties) {
    MessagingBuilder builder =
        Messaging.builder()
            .address("redis://" + address)
            .property("request-timeout", "2s")
            .property("redis.failover.time", "6s");
    properties.forEach(builder::property);
    return builder.open();
  }

  @Test
  void whatIsConfirmedIsAtAsManyReplicasAsWereAskedFor() throws IOException {
    List<Integer> ports = Ports.free(2);
    server(ports.get(0));
    ChildProcess replica = replica(ports.get(1), ports.get(0));
    try (Messaging messaging = connect(at(ports.get(0)), Map.of("redis.wait.replicas", "1"))) {
      messaging.topics().create("orders", 1);
      try (Producer<String> producer =
          messaging.producer(TOPIC).deliveryTimeout(Duration.ofSeconds(4)).open()) {
        for (int i = 1; i <= 20; i++) {
          producer.sendSync(Message.of("m" + i));
          assertThat(ask(ports.get(1), "XLEN", STREAM)).isEqualTo(Integer.toString(i));
        }
        replica.kill();
        long begin = System.nanoTime();
        assertThatThrownBy(() -> producer.sendSync(Message.of("alone")))
            .isInstanceOfSatisfying(
                SendFailedException.class, e -> assertThat(e.isMaybeStored()).isTrue());
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(7));
        assertThat(ask(ports.get(0), "XLEN", STREAM)).isEqualTo("21");
      }
    }
  }

  @Test
  void aFailoverLosesNothingThatReplicasHad() throws Exception {
    List<Integer> ports = Ports.free(6);
    ChildProcess first = server(ports.get(0));
    replica(ports.get(1), ports.get(0));
    replica(ports.get(2), ports.get(0));
    List<String> sentinels = new ArrayList<>();
    for (int port : ports.subList(3, 6)) {
      sentinel(port, ports.get(0));
      sentinels.add(at(port));
    }
    for (int port : ports.subList(3, 6)) {
      await(
          "the sentinels know each other and the replicas",
          () ->
              ask(port, "INFO", "sentinel").contains("status=ok")
                  && ask(port, "INFO", "sentinel").contains("slaves=2,sentinels=3"));
    }
    Map<String, Integer> highest = new ConcurrentHashMap<>();
    AtomicInteger handled = new AtomicInteger();
    List<String> wrong = new java.util.concurrent.CopyOnWriteArrayList<>();
    try (Messaging messaging =
        connect(
            String.join(",", sentinels),
            Map.of(
                "redis.mode",
                "sentinel",
                "redis.sentinel.master",
                "main",
                "redis.wait.replicas",
                "1"))) {
      messaging.topics().create("orders", 2);
      try (Producer<String> producer = messaging.producer(TOPIC).deliveryTimeout(LIMIT).open();
          Subscription subscription =
              messaging
                  .subscribe(TOPIC)
                  .group("billing")
                  .startAt(StartAt.earliest())
                  .whenExhausted(Exhausted.STOP)
                  .handle(
                      delivery -> {
                        String[] words = delivery.payload().split("/", -1);
                        int number = Integer.parseInt(words[1]);
                        int before = highest.getOrDefault(words[0], -1);
                        if (number > before + 1) {
                          wrong.add(delivery.payload() + " after " + before);
                        }
                        if (number == before + 1) {
                          highest.put(words[0], number);
                          handled.incrementAndGet();
                        }
                      })) {
        AtomicInteger confirmed = new AtomicInteger();
        List<CompletableFuture<?>> sends = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++) {
          String key = "k" + i % KEYS;
          sends.add(
              producer
                  .send(Message.of(key + "/" + i / KEYS).key(key))
                  .whenComplete(
                      (receipt, failure) -> {
                        if (failure == null) {
                          confirmed.incrementAndGet();
                        }
                      }));
          if (i == MESSAGES / 3) {
            await("some are confirmed", () -> confirmed.get() > MESSAGES / 10);
            first.kill();
          }
        }
        CompletableFuture.allOf(sends.toArray(CompletableFuture[]::new))
            .get(LIMIT.toSeconds(), java.util.concurrent.TimeUnit.SECONDS);
        await("all are handled", () -> handled.get() == MESSAGES);
        subscription.drain().toCompletableFuture().join();
        assertThat(wrong).isEmpty();
      }
      Map<String, Integer> read = new java.util.HashMap<>();
      try (var reader = messaging.reader(TOPIC).from(StartAt.earliest()).untilEnd().open()) {
        reader.stream()
            .forEach(
                one -> {
                  String[] words = one.payload().split("/", -1);
                  int expected = read.merge(words[0], 1, Integer::sum) - 1;
                  assertThat(words[1]).as("once, in order").isEqualTo("" + expected);
                });
      }
      assertThat(read.values()).hasSize(KEYS).containsOnly(MESSAGES / KEYS);
    }
  }
}
