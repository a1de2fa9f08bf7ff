package dev.isostream.spi;

import dev.isostream.GroupAdmin;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Topics, groups and places. Asynchronous, each stage decided within the request timeout;
 * thread-safe.
 */
public interface Admin {

  /**
   * Creates a topic, or fails with {@link ErrorKind#ALREADY_EXISTS}. The stage completes when the
   * topic is ready for all: whoever asks for it from then on, by whatever connection, can publish
   * to and read from each of its partitions.
   */
  CompletionStage<Void> createTopic(String topic, int partitions);

  /** Gives a topic more partitions; the stage completes when those are ready for all. */
  CompletionStage<Void> growTopic(String topic, int partitions);

  /**
   * Deletes a topic, or fails with {@link ErrorKind#TOPIC_NOT_FOUND}. The stage completes when the
   * topic is gone for all: from then on {@link #describeTopic} is empty by whatever connection, and
   * the name can be used anew.
   */
  CompletionStage<Void> deleteTopic(String topic);

  /** A topic; empty where there is none of that name. */
  CompletionStage<Optional<TopicInfo>> describeTopic(String topic);

  /** All topics that applications may use. */
  CompletionStage<Set<String>> listTopics();

  /**
   * Finds places.
   *
   * @param places by partition
   * @return by partition, each {@link Place.At}, {@link Place.After} or {@link Place.Origin};
   *     {@link Place.Latest} is the end as readers see it, so that what is published after the
   *     stage completed lies behind it, and what was confirmed before the call before it
   */
  CompletionStage<Map<String, Place>> locate(String topic, Map<String, Place> places);

  /** The groups of a topic. */
  CompletionStage<Set<String>> listGroups(String topic);

  /** A group as stored; empty where there is none of that name. */
  CompletionStage<Optional<GroupInfo>> describeGroup(String topic, String group);

  /**
   * Replaces cursors, all or none where the backend can, while no member is live; else fails with
   * {@link ErrorKind#GROUP_ACTIVE}.
   *
   * @param cursors by lane name
   */
  CompletionStage<Void> writeCursors(String topic, String group, Map<String, StoredCursor> cursors);

  /** Forgets a group while no member is live; else fails with {@link ErrorKind#GROUP_ACTIVE}. */
  CompletionStage<Void> deleteGroup(String topic, String group);

  /**
   * A topic.
   *
   * @param partitions in the backend's order
   * @param incarnation tells it from others of its name; null where the backend does not show it
   */
  record TopicInfo(String topic, List<String> partitions, @Nullable String incarnation) {
    public TopicInfo {
      partitions = List.copyOf(partitions);
    }
  }

  /**
   * A group.
   *
   * @param lanes by lane name; a lane without a cursor is left out
   */
  record GroupInfo(List<GroupAdmin.Member> members, Map<String, LaneInfo> lanes) {
    public GroupInfo {
      members = List.copyOf(members);
      lanes = Map.copyOf(lanes);
    }
  }

  /**
   * A lane of a group.
   *
   * @param cursor as stored
   * @param anchor as in {@link Lane#anchor}
   * @param backlog messages behind the cursor's place, settled ones included unless {@link
   *     DriverTraits#acksIndividually} holds; -1 where unknown
   * @param exact whether that is exact
   */
  record LaneInfo(StoredCursor cursor, boolean anchor, long backlog, boolean exact) {}
}
