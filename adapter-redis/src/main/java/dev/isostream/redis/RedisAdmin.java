package dev.isostream.redis;

import dev.isostream.GroupAdmin;
import dev.isostream.spi.Admin;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Place;
import dev.isostream.spi.StoredCursor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol;

/** Topics, groups and places. Thread-safe. */
final class RedisAdmin implements Admin {

  private static final int MOST_PARTITIONS = 4096;
  private static final byte[] NONE = {};
  private static final byte[] ID = RedisKeys.bytes("id");
  private static final byte[] PARTITIONS = RedisKeys.bytes("partitions");
  private static final byte[] LENGTH = RedisKeys.bytes("retention.length");
  private static final byte[] AGE = RedisKeys.bytes("retention.age");

  private final RedisServers servers;
  private final RedisKeys keys;

  RedisAdmin(RedisServers servers) {
    this.servers = servers;
    this.keys = new RedisKeys(servers.config().keyPrefix());
  }

  RedisKeys keys() {
    return keys;
  }

  // ---- topics

  /** A topic that exists. Blocks. */
  RedisTopic find(String topic) {
    return look(topic)
        .orElseThrow(
            () ->
                RedisErrors.of(
                    ErrorKind.TOPIC_NOT_FOUND, "Looking for topic \"" + topic + "\"", null));
  }

  private Optional<RedisTopic> look(String topic) {
    List<@Nullable Object> found =
        RedisReply.list(
            servers.run(
                RedisRequest.of(
                    Protocol.Command.HMGET, keys.topic(topic), ID, PARTITIONS, LENGTH, AGE)));
    int partitions = (int) RedisReply.number(found.get(1));
    return partitions == 0
        ? Optional.empty()
        : Optional.of(
            new RedisTopic(
                topic,
                RedisReply.text(found.get(0)),
                partitions,
                found.get(2) == null ? "" : RedisReply.text(found.get(2)),
                found.get(3) == null ? "" : RedisReply.text(found.get(3)),
                keys));
  }

  @Override
  public CompletionStage<Void> createTopic(String topic, int partitions) {
    String doing = "Creating topic \"" + topic + "\" with " + partitions + " partitions";
    return servers.tell(
        doing,
        () -> {
          checkPartitions(doing, partitions);
          byte[] id = RedisKeys.bytes(UUID.randomUUID().toString().substring(0, 13));
          byte[] length = RedisKeys.bytes(servers.config().retentionLength());
          byte[] age = RedisKeys.bytes(servers.config().retentionAgeMillis());
          byte[] none = Protocol.toByteArray(0);
          byte[] count = Protocol.toByteArray(partitions);
          boolean made =
              write(topic, NONE, id, PARTITIONS, none, LENGTH, length, AGE, age)
                  && writePartitions(topic, id, partitions, 0)
                  && write(topic, id, id, PARTITIONS, count);
          if (!made) {
            throw RedisErrors.of(ErrorKind.ALREADY_EXISTS, doing, null);
          }
          servers.run(
              RedisRequest.of(Protocol.Command.SADD, keys.topics(), RedisKeys.bytes(topic)));
        });
  }

  private static void checkPartitions(String doing, int partitions) {
    if (partitions < 1 || partitions > MOST_PARTITIONS) {
      throw new DriverException(
          ErrorKind.INVALID, doing + " failed: allowed are 1 to " + MOST_PARTITIONS + ".", null);
    }
  }

  private boolean write(String topic, byte[] expected, byte[]... written) {
    byte[][] arguments = new byte[1 + written.length][];
    arguments[0] = expected;
    System.arraycopy(written, 0, arguments, 1, written.length);
    return RedisReply.number(
            servers.run(
                RedisRequest.call(RedisScript.TOPIC, List.of(keys.topic(topic)), arguments)))
        == 1;
  }

  /** Makes the partitions that are new, then tells the others, which tell their producers. */
  private boolean writePartitions(String topic, byte[] id, int partitions, int before) {
    runAll(IntStream.range(before, partitions).mapToObj(i -> partition(topic, i, id, partitions)));
    runAll(IntStream.range(0, before).mapToObj(i -> partition(topic, i, id, partitions)));
    return true;
  }

  private void runAll(java.util.stream.Stream<RedisRequest> requests) {
    servers.run(requests.toList()).forEach(RedisAdmin::check);
  }

  private static void check(@Nullable Object reply) {
    if (reply != null) {
      RedisReply.checked(reply);
    }
  }

  private RedisRequest partition(String topic, int partition, byte[] id, int partitions) {
    return RedisRequest.call(
        RedisScript.PARTITION,
        List.of(keys.stream(topic, partition), keys.meta(topic, partition)),
        id,
        Protocol.toByteArray(partitions),
        RedisKeys.bytes(keys.leasePrefix(topic, partition)));
  }

  @Override
  public CompletionStage<Void> growTopic(String topic, int partitions) {
    String doing = "Giving topic \"" + topic + "\" " + partitions + " partitions";
    return servers.tell(
        doing,
        () -> {
          checkPartitions(doing, partitions);
          RedisTopic found = find(topic);
          if (partitions <= found.partitions()) {
            throw new DriverException(
                ErrorKind.INVALID,
                doing + " failed: it has " + found.partitions() + "; it can only get more.",
                null);
          }
          byte[] id = RedisKeys.bytes(found.incarnation());
          writePartitions(topic, id, partitions, found.partitions());
          if (!write(topic, id, id, PARTITIONS, Protocol.toByteArray(partitions))) {
            throw RedisErrors.of(ErrorKind.TOPIC_NOT_FOUND, doing, null);
          }
        });
  }

  @Override
  public CompletionStage<Void> deleteTopic(String topic) {
    String doing = "Deleting topic \"" + topic + "\"";
    return servers.tell(
        doing,
        () -> {
          RedisTopic found = find(topic);
          if (!write(topic, RedisKeys.bytes(found.incarnation()), NONE)) {
            throw RedisErrors.of(ErrorKind.TOPIC_NOT_FOUND, doing, null);
          }
          runAll(
              IntStream.range(0, found.partitions()).mapToObj(i -> partition(topic, i, NONE, 0)));
          servers.run(
              RedisRequest.of(Protocol.Command.SREM, keys.topics(), RedisKeys.bytes(topic)));
        });
  }

  @Override
  public CompletionStage<Optional<TopicInfo>> describeTopic(String topic) {
    return servers.ask(
        "Looking for topic \"" + topic + "\"",
        () ->
            look(topic)
                .map(
                    found ->
                        new TopicInfo(
                            topic,
                            IntStream.range(0, found.partitions())
                                .mapToObj(Integer::toString)
                                .toList(),
                            found.incarnation())));
  }

  @Override
  public CompletionStage<Set<String>> listTopics() {
    return servers.ask(
        "Listing topics",
        () -> {
          Set<String> names = new HashSet<>();
          RedisReply.list(servers.run(RedisRequest.of(Protocol.Command.SMEMBERS, keys.topics())))
              .forEach(name -> names.add(RedisReply.text(name)));
          return names;
        });
  }

  // ---- places

  @Override
  public CompletionStage<Map<String, Place>> locate(String topic, Map<String, Place> places) {
    Map<String, Place> asked = Map.copyOf(places);
    return servers.ask(
        "Looking for places in topic \"" + topic + "\"", () -> locate(find(topic), asked));
  }

  private Map<String, Place> locate(RedisTopic topic, Map<String, Place> places) {
    List<String> names = List.copyOf(places.keySet());
    List<RedisRequest> requests = new ArrayList<>();
    for (String name : names) {
      int partition = topic.partition(name);
      if (partition >= topic.partitions()) {
        throw RedisErrors.of(
            ErrorKind.INVALID,
            "Looking for a place in partition "
                + name
                + " of topic \""
                + topic.name()
                + "\", which has "
                + topic.partitions()
                + ",",
            null);
      }
      requests.add(bounds(topic.name(), partition, since(places.get(name))));
    }
    List<@Nullable Object> replies = servers.run(requests);
    Map<String, Place> located = new HashMap<>();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      Place place = places.get(name);
      if (place != null) {
        located.put(name, locate(topic, name, place, RedisBounds.of(replies.get(i))));
      }
    }
    return located;
  }

  private RedisRequest bounds(String topic, int partition, byte[] id) {
    return RedisRequest.call(RedisScript.BOUNDS, List.of(keys.stream(topic, partition)), id);
  }

  private static byte[] since(@Nullable Place place) {
    return place instanceof Place.Since since
        ? new RedisId(Math.max(0, since.timestamp().toEpochMilli()), 0).bytes()
        : NONE;
  }

  private static Place locate(RedisTopic topic, String name, Place place, RedisBounds bounds) {
    int partition = topic.partition(name);
    RedisId wanted;
    if (place instanceof Place.Earliest) {
      wanted = bounds.first();
    } else if (place instanceof Place.Since) {
      wanted = bounds.following();
    } else if (place instanceof Place.Latest) {
      wanted = null;
    } else {
      return place;
    }
    return wanted == null
        ? bounds.end(topic, partition)
        : new Place.At(topic.position(partition, wanted));
  }

  /** Where a group goes on. */
  static Place place(
      RedisTopic topic, int partition, RedisId delivered, @Nullable RedisId firstPending) {
    if (firstPending != null) {
      return new Place.At(topic.position(partition, firstPending));
    }
    return delivered.isZero()
        ? Place.Origin.INSTANCE
        : new Place.After(topic.position(partition, delivered));
  }

  // ---- groups

  @Override
  public CompletionStage<Set<String>> listGroups(String topic) {
    return servers.ask(
        "Listing the groups of topic \"" + topic + "\"",
        () -> {
          find(topic);
          Set<String> names = new HashSet<>();
          Object groups =
              servers.run(
                  new RedisRequest(
                      keys.stream(topic, 0),
                      Protocol.Command.XINFO,
                      new byte[][] {RedisKeys.bytes("GROUPS"), keys.stream(topic, 0)},
                      null));
          for (Object group : RedisReply.list(groups)) {
            names.add(RedisReply.text(RedisReply.list(group).get(1)));
          }
          return names;
        });
  }

  @Override
  public CompletionStage<Optional<GroupInfo>> describeGroup(String topic, String group) {
    return servers.ask(
        "Describing group \"" + group + "\" of topic \"" + topic + "\"",
        () -> new RedisGroupView(servers, find(topic), group).describe());
  }

  @Override
  public CompletionStage<Void> writeCursors(
      String topic, String group, Map<String, StoredCursor> cursors) {
    Map<String, StoredCursor> all = Map.copyOf(cursors);
    String doing = "Moving group \"" + group + "\" of topic \"" + topic + "\"";
    return servers.tell(
        doing,
        () -> {
          RedisTopic found = find(topic);
          checkIdle(doing, found, group);
          all.forEach(
              (name, cursor) -> {
                if (!found.holds(cursor.place())) {
                  throw RedisErrors.of(
                      ErrorKind.REMOVED, doing + " into a former topic of its name", null);
                }
              });
          List<RedisRequest> requests = new ArrayList<>();
          all.forEach(
              (name, cursor) ->
                  requests.add(
                      reset(
                          found,
                          found.partition(name),
                          group,
                          RedisId.before(cursor.place()).bytes(),
                          cursor.state())));
          run(doing, requests, false);
        });
  }

  private RedisRequest reset(
      RedisTopic topic, int partition, String group, byte[] delivered, byte[] state) {
    return RedisRequest.call(
        RedisScript.RESET,
        List.of(keys.stream(topic.name(), partition), keys.lease(topic.name(), partition, group)),
        RedisKeys.bytes(group),
        delivered,
        state);
  }

  private void checkIdle(String doing, RedisTopic topic, String group) {
    List<GroupAdmin.Member> live = new RedisGroupView(servers, topic, group).live();
    if (!live.isEmpty()) {
      throw RedisErrors.of(ErrorKind.GROUP_ACTIVE, doing, null);
    }
  }

  private void run(String doing, List<RedisRequest> requests, boolean isDeletion) {
    boolean found = !isDeletion;
    for (Object reply : servers.run(requests)) {
      String how = RedisReply.text(reply);
      if (how.equals("ACTIVE")) {
        throw RedisErrors.of(ErrorKind.GROUP_ACTIVE, doing, null);
      }
      found |= how.equals("OK");
    }
    if (!found) {
      throw RedisErrors.of(ErrorKind.GROUP_NOT_FOUND, doing, null);
    }
  }

  @Override
  public CompletionStage<Void> deleteGroup(String topic, String group) {
    String doing = "Deleting group \"" + group + "\" of topic \"" + topic + "\"";
    return servers.tell(
        doing,
        () -> {
          RedisTopic found = find(topic);
          checkIdle(doing, found, group);
          run(
              doing,
              IntStream.range(0, found.partitions())
                  .mapToObj(i -> reset(found, i, group, NONE, NONE))
                  .toList(),
              true);
          servers.run(RedisRequest.of(Protocol.Command.DEL, keys.members(topic, group)));
        });
  }
}
