package dev.isostream.kinesis;

import dev.isostream.GroupAdmin;
import dev.isostream.kinesis.KinesisTable.Change;
import dev.isostream.kinesis.KinesisTable.Found;
import dev.isostream.spi.Admin.GroupInfo;
import dev.isostream.spi.Admin.LaneInfo;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.StoredCursor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Groups in the table. Thread-safe. Blocks: for the services' answers. */
final class KinesisGroups {

  /** Live members look at the leases four times within the failover time. */
  private static final int LOOKS = 4;

  /** The clock's header counts whole seconds. */
  private static final long SHORTEST_SECONDS = 2;

  private final KinesisClients clients;
  private final KinesisTable table;
  private final KinesisConsumers consumers;

  /** Which shard's lease is a group's anchor is said once, when the group is made. */
  private final Map<String, String> anchors = new ConcurrentHashMap<>();

  KinesisGroups(KinesisClients clients, KinesisTable table) {
    this.clients = clients;
    this.table = table;
    this.consumers = new KinesisConsumers(clients);
  }

  /** A group's items as seen by those who read this stream. */
  static final class View {
    private final Map<String, Map<String, AttributeValue>> lanes = new HashMap<>();
    private final String incarnation;

    View(Found found, KinesisStream stream) {
      this.incarnation = stream.incarnation();
      for (Map<String, AttributeValue> item : found.items()) {
        String name = KinesisTable.text(item, KinesisTable.ITEM);
        if (name != null && !name.startsWith(KinesisTable.MEMBER_PREFIX)) {
          lanes.put(name, item);
        }
      }
    }

    Map<String, AttributeValue> lane(String name) {
      return lanes.getOrDefault(name, Map.of());
    }

    Set<String> names() {
      return lanes.keySet();
    }

    /** Whether all of a shard is settled, and nothing will follow. */
    boolean isEnded(String name) {
      Map<String, AttributeValue> item = lane(name);
      AttributeValue ended = item.get(KinesisTable.ENDED);
      return ended != null
          && Boolean.TRUE.equals(ended.bool())
          && incarnation.equals(KinesisTable.text(item, KinesisTable.STREAM));
    }
  }

  /** Members' items by their ids, dead ones' too. */
  static Map<String, Map<String, AttributeValue>> members(Found found) {
    Map<String, Map<String, AttributeValue>> members = new HashMap<>();
    for (Map<String, AttributeValue> item : found.items()) {
      String name = KinesisTable.text(item, KinesisTable.ITEM);
      if (name != null && name.startsWith(KinesisTable.MEMBER_PREFIX)) {
        members.put(name.substring(KinesisTable.MEMBER_PREFIX.length()), item);
      }
    }
    return members;
  }

  private Set<String> live(Found found) {
    Duration twoLooks = clients.config().failoverTime().multipliedBy(2).dividedBy(LOOKS);
    long most = Math.max(SHORTEST_SECONDS, twoLooks.toSeconds());
    Set<String> live = new HashSet<>();
    members(found)
        .forEach(
            (id, item) -> {
              if (found.now() - KinesisTable.number(item, KinesisTable.SEEN) <= most) {
                live.add(id);
              }
            });
    return live;
  }

  /** Makes the group known, where it is not yet. */
  void register(String topic, String group, KinesisShards shards) {
    table.require();
    var unused =
        KinesisClients.await(
            table.update(
                new Change(KinesisTable.key(topic, ""), group)
                    .set(KinesisTable.LAYOUT_VERSION, KinesisTable.number(KinesisTable.LAYOUT))
                    .set(KinesisTable.ANCHOR, KinesisTable.text(shards.names().get(0)))
                    .ifAbsent(KinesisTable.ANCHOR)));
    anchors.remove(KinesisTable.key(topic, group));
  }

  /**
   * The consumer that a group reads by, registered where there is none yet: its ARN. The group
   * keeps the name, so that whoever deletes the group deregisters it, and nobody registers one for
   * a group that is not there.
   */
  String consumer(KinesisStream stream, String group) {
    String name = KinesisConsumers.name(table.name(), group);
    Object written =
        KinesisClients.await(
            table.update(
                new Change(KinesisTable.key(stream.name(), ""), group)
                    .set(KinesisTable.CONSUMER, KinesisTable.text(name))
                    .ifEqual(
                        KinesisTable.ANCHOR, KinesisTable.text(anchor(stream.name(), group)))));
    if (written == null) {
      throw KinesisErrors.of(
          ErrorKind.GROUP_NOT_FOUND,
          "Registering a consumer for group \"" + group + "\" of topic \"" + stream.name() + "\"",
          null);
    }
    return consumers.require(stream, name);
  }

  /** Which shard's lease is the anchor; empty where the group is not there. */
  String anchor(String topic, String group) {
    String key = KinesisTable.key(topic, group);
    String known = anchors.get(key);
    if (known == null) {
      known = "";
      Map<String, AttributeValue> item = item(topic, group);
      if (item != null) {
        String anchor = KinesisTable.text(item, KinesisTable.ANCHOR);
        known = anchor == null ? "" : anchor;
        anchors.put(key, known);
      }
    }
    return known;
  }

  /** A group's own item. */
  private @Nullable Map<String, AttributeValue> item(String topic, String group) {
    for (Map<String, AttributeValue> item : table.query(KinesisTable.key(topic, "")).items()) {
      if (group.equals(KinesisTable.text(item, KinesisTable.ITEM))) {
        return item;
      }
    }
    return null;
  }

  Set<String> list(String topic) {
    Set<String> names = new HashSet<>();
    for (Map<String, AttributeValue> item : table.query(KinesisTable.key(topic, "")).items()) {
      String name = KinesisTable.text(item, KinesisTable.ITEM);
      if (name != null) {
        names.add(name);
      }
    }
    return names;
  }

  Optional<GroupInfo> describe(KinesisStream stream, String group) {
    anchors.remove(KinesisTable.key(stream.name(), group));
    String anchor = anchor(stream.name(), group);
    if (anchor.isEmpty()) {
      return Optional.empty();
    }
    Found found = table.query(KinesisTable.key(stream.name(), group));
    View view = new View(found, stream);
    Map<String, Set<String>> shares = new LinkedHashMap<>();
    live(found).forEach(id -> shares.put(id, new HashSet<>()));
    Map<String, LaneInfo> lanes = new HashMap<>();
    for (String name : view.names()) {
      Map<String, AttributeValue> item = view.lane(name);
      StoredCursor cursor = KinesisTable.cursor(item);
      if (cursor != null) {
        boolean ended = view.isEnded(name);
        lanes.put(name, new LaneInfo(cursor, name.equals(anchor), ended ? 0 : -1, ended));
      }
      Set<String> share = shares.get(KinesisTable.text(item, KinesisTable.OWNER));
      if (share != null) {
        share.add(name);
      }
    }
    List<GroupAdmin.Member> members = new ArrayList<>();
    shares.forEach((id, share) -> members.add(new GroupAdmin.Member(id, "", share)));
    return Optional.of(new GroupInfo(members, lanes));
  }

  /** Moves the group: one item after the other, each as it was seen. */
  void write(String doing, KinesisStream stream, String group, Map<String, StoredCursor> cursors) {
    String key = KinesisTable.key(stream.name(), group);
    View view = idle(doing, stream, group);
    cursors.forEach(
        (name, cursor) -> {
          if (!stream.holds(cursor.place())) {
            throw KinesisErrors.of(
                ErrorKind.REMOVED, doing + " into a former stream of its name", null);
          }
          long epoch = KinesisTable.number(view.lane(name), KinesisTable.EPOCH);
          Map<String, AttributeValue> written =
              KinesisClients.await(
                  table.update(
                      new Change(key, name)
                          .set(
                              KinesisTable.LAYOUT_VERSION, KinesisTable.number(KinesisTable.LAYOUT))
                          .set(KinesisTable.EPOCH, KinesisTable.number(epoch + 1))
                          .add(KinesisTable.VERSION, 1)
                          .set(KinesisTable.PLACE, KinesisTable.placeText(cursor.place()))
                          .set(KinesisTable.STATE, KinesisTable.bytes(cursor.state()))
                          .remove(KinesisTable.OWNER)
                          .remove(KinesisTable.WANTED)
                          .remove(KinesisTable.COMMIT)
                          .remove(KinesisTable.ENDED)
                          .ifNumber(KinesisTable.EPOCH, epoch)));
          requireIdle(doing, written);
        });
  }

  private static void requireIdle(String doing, @Nullable Object written) {
    if (written == null) {
      throw KinesisErrors.of(ErrorKind.GROUP_ACTIVE, doing, null);
    }
  }

  private View idle(String doing, KinesisStream stream, String group) {
    Found found = table.query(KinesisTable.key(stream.name(), group));
    if (!live(found).isEmpty()) {
      throw KinesisErrors.of(ErrorKind.GROUP_ACTIVE, doing, null);
    }
    return new View(found, stream);
  }

  void delete(String doing, KinesisStream stream, String group) {
    Map<String, AttributeValue> item = item(stream.name(), group);
    if (item == null) {
      throw KinesisErrors.of(ErrorKind.GROUP_NOT_FOUND, doing, null);
    }
    var unused = idle(doing, stream, group);
    String consumer = KinesisTable.text(item, KinesisTable.CONSUMER);
    if (consumer != null) {
      consumers.forget(stream, consumer);
    }
    forget(stream.name(), group);
  }

  /** All groups of a stream that is not there any more. */
  void forget(String topic) {
    list(topic).forEach(group -> forget(topic, group));
  }

  private void forget(String topic, String group) {
    String key = KinesisTable.key(topic, group);
    anchors.remove(key);
    KinesisClients.await(table.delete(KinesisTable.key(topic, ""), group));
    for (Map<String, AttributeValue> item : table.query(key).items()) {
      String name = KinesisTable.text(item, KinesisTable.ITEM);
      if (name != null) {
        KinesisClients.await(table.delete(key, name));
      }
    }
  }
}
