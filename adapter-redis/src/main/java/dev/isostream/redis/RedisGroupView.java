package dev.isostream.redis;

import dev.isostream.GroupAdmin;
import dev.isostream.spi.Admin.GroupInfo;
import dev.isostream.spi.Admin.LaneInfo;
import dev.isostream.spi.StoredCursor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol;

/** A group as Redis has it now. Its methods block. */
final class RedisGroupView {

  private static final byte[] NONE = {};
  private static final byte[] OWNER = RedisKeys.bytes("owner");
  private static final byte[] STATE = RedisKeys.bytes("state");

  private final RedisServers servers;
  private final RedisTopic topic;
  private final String group;

  RedisGroupView(RedisServers servers, RedisTopic topic, String group) {
    this.servers = servers;
    this.topic = topic;
    this.group = group;
  }

  Optional<GroupInfo> describe() {
    List<RedisRequest> requests = new ArrayList<>();
    for (int i = 0; i < topic.partitions(); i++) {
      byte[] stream = topic.keys().stream(topic.name(), i);
      requests.add(RedisRequest.call(RedisScript.PENDING, List.of(stream), RedisKeys.bytes(group)));
      requests.add(RedisRequest.call(RedisScript.BOUNDS, List.of(stream), NONE));
      requests.add(
          RedisRequest.of(
              Protocol.Command.HMGET, topic.keys().lease(topic.name(), i, group), OWNER, STATE));
    }
    List<@Nullable Object> replies = servers.run(requests);
    Map<String, LaneInfo> lanes = new HashMap<>();
    Map<String, Set<String>> owned = new HashMap<>();
    for (int i = 0; i < topic.partitions(); i++) {
      List<@Nullable Object> lease = RedisReply.list(replies.get(3 * i + 2));
      String name = Integer.toString(i);
      String owner = RedisReply.textOrNull(lease.get(0));
      if (owner != null) {
        owned.computeIfAbsent(owner, o -> new HashSet<>()).add(name);
      }
      List<@Nullable Object> pending = RedisReply.list(replies.get(3 * i));
      if (!pending.isEmpty()) {
        Object state = lease.get(1);
        lanes.put(
            name,
            lane(
                i,
                pending,
                RedisBounds.of(replies.get(3 * i + 1)),
                state == null ? NONE : RedisReply.bytes(state)));
      }
    }
    return lanes.isEmpty() ? Optional.empty() : Optional.of(new GroupInfo(live(owned), lanes));
  }

  private LaneInfo lane(
      int partition, List<@Nullable Object> found, RedisBounds bounds, byte[] state) {
    RedisId delivered = RedisId.parse(RedisReply.bytes(found.get(0)));
    long lag = RedisReply.number(found.get(2));
    List<@Nullable Object> pending = RedisReply.list(found.get(3));
    RedisId first = pending.isEmpty() ? null : RedisId.parse(RedisReply.bytes(pending.get(0)));
    boolean exact = lag >= 0;
    if (!exact) {
      RedisId last = bounds.last();
      boolean isAtEnd = last == null || delivered.compareTo(last) >= 0;
      lag = isAtEnd ? 0 : Math.max(1, bounds.length() - pending.size());
      exact = isAtEnd;
    }
    return new LaneInfo(
        new StoredCursor(RedisAdmin.place(topic, partition, delivered, first), state),
        partition == 0,
        pending.size() + lag,
        exact);
  }

  /** The members that gave a sign of life of late. */
  List<GroupAdmin.Member> live() {
    return live(Map.of());
  }

  private List<GroupAdmin.Member> live(Map<String, Set<String>> owned) {
    List<@Nullable Object> found =
        RedisReply.list(
            servers.run(
                RedisRequest.call(
                    RedisScript.MEMBERS,
                    List.of(topic.keys().members(topic.name(), group)),
                    NONE,
                    Protocol.toByteArray(servers.config().signOfLife().toMillis()))));
    List<GroupAdmin.Member> members = new ArrayList<>();
    for (int i = 0; i < found.size(); i += 2) {
      String id = RedisReply.text(found.get(i));
      members.add(new GroupAdmin.Member(id, "", owned.getOrDefault(id, Set.of())));
    }
    return members;
  }
}
