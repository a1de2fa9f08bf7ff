package dev.isostream.rabbitmq;

import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.log.LogBytes;
import dev.isostream.spi.log.LogState;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The names of topics and groups, in a stream of the virtual host: the protocols can list neither,
 * and the management plug-in is not always there. Thread-safe. Blocks: never.
 */
final class RabbitRegistry implements AutoCloseable {

  static final String STREAM = "isostream:registry";

  private static final int VERSION = 1;
  private static final int ADD_TOPIC = 1;
  private static final int REMOVE_TOPIC = 2;
  private static final int ADD_GROUP = 3;
  private static final int REMOVE_GROUP = 4;
  private static final int LOOK = 5;

  private final RabbitCluster cluster;
  private final RabbitLog log;

  RabbitRegistry(RabbitCluster cluster) {
    this.cluster = cluster;
    this.log =
        new RabbitLog(cluster, STREAM, "Keeping the names of topics and groups", new Names());
  }

  private static final class Names implements LogState {
    private final Map<String, Set<String>> groups = new TreeMap<>();

    @Override
    public @Nullable Object apply(ByteBuffer in, long timestamp) {
      try {
        if (LogBytes.octet(in) != VERSION) {
          return null;
        }
        int operation = LogBytes.octet(in);
        String topic = LogBytes.text(in);
        String group = LogBytes.text(in);
        switch (operation) {
          case ADD_TOPIC -> groups.computeIfAbsent(topic, name -> new TreeSet<>());
          case REMOVE_TOPIC -> groups.remove(topic);
          case ADD_GROUP -> groups.computeIfAbsent(topic, name -> new TreeSet<>()).add(group);
          case REMOVE_GROUP -> groups.computeIfAbsent(topic, name -> new TreeSet<>()).remove(group);
          case LOOK -> {}
          default -> {
            return null;
          }
        }
        return view();
      } catch (LogBytes.MalformedException e) {
        return null; // anybody can write here (contract E5)
      }
    }

    private Map<String, Set<String>> view() {
      Map<String, Set<String>> all = new HashMap<>();
      groups.forEach((topic, names) -> all.put(topic, Set.copyOf(names)));
      return all;
    }

    @Override
    public byte[] write() {
      LogBytes bytes = new LogBytes().octet(VERSION).number(groups.size());
      groups.forEach(
          (topic, names) -> {
            bytes.text(topic).number(names.size());
            names.forEach(bytes::text);
          });
      return bytes.done();
    }

    @Override
    public void read(byte[] written) {
      ByteBuffer in = ByteBuffer.wrap(written);
      groups.clear();
      try {
        LogBytes.octet(in);
        int topics = LogBytes.count(in);
        for (int i = 0; i < topics; i++) {
          Set<String> names = new TreeSet<>();
          groups.put(LogBytes.text(in), names);
          int count = LogBytes.count(in);
          for (int j = 0; j < count; j++) {
            names.add(LogBytes.text(in));
          }
        }
      } catch (LogBytes.MalformedException e) {
        // what could be read is what there is; every reader of the stream gets the same
      }
    }
  }

  private CompletableFuture<Map<String, Set<String>>> submit(
      int operation, String topic, String group) {
    byte[] bytes = new LogBytes().octet(VERSION).octet(operation).text(topic).text(group).done();
    return cluster
        .async(
            "Keeping the names of topics and groups",
            () ->
                cluster.exists(STREAM)
                    || cluster.locator().create(STREAM, RabbitGroup.arguments(1)))
        .thenCompose(there -> log.submit(bytes))
        .thenApply(RabbitRegistry::names);
  }

  private static Map<String, Set<String>> names(@Nullable Object outcome) {
    if (!(outcome instanceof Map<?, ?> map)) {
      throw RabbitErrors.of(ErrorKind.UNKNOWN, "Keeping the names of topics and groups", null);
    }
    Map<String, Set<String>> names = new HashMap<>();
    map.forEach(
        (topic, groups) -> {
          Set<String> all = new TreeSet<>();
          ((Set<?>) groups).forEach(group -> all.add(group.toString()));
          names.put(topic.toString(), all);
        });
    return names;
  }

  CompletableFuture<?> addTopic(String topic) {
    return submit(ADD_TOPIC, topic, "");
  }

  CompletableFuture<?> removeTopic(String topic) {
    return submit(REMOVE_TOPIC, topic, "");
  }

  CompletableFuture<?> addGroup(String topic, String group) {
    return submit(ADD_GROUP, topic, group);
  }

  CompletableFuture<?> removeGroup(String topic, String group) {
    return submit(REMOVE_GROUP, topic, group);
  }

  /** Groups by topic. */
  CompletableFuture<Map<String, Set<String>>> look() {
    return cluster
        .async("Listing topics and groups", () -> cluster.exists(STREAM))
        .thenCompose(
            there -> there ? submit(LOOK, "", "") : CompletableFuture.completedFuture(Map.of()));
  }

  @Override
  public void close() {
    log.close();
  }
}
