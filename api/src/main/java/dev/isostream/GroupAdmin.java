package dev.isostream;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lists, describes, resets and deletes groups (contract G8).
 *
 * <p>Blocks: until the backend has done it, at most the request timeout. Fails as {@link
 * ProducerBuilder#open}. Threads: thread-safe.
 */
public interface GroupAdmin {

  /** The names of a topic's groups. */
  Set<String> list(String topic);

  /** What is known of a group; empty where there is none of that name. */
  Optional<Description> describe(String topic, String group);

  /**
   * Moves a group: everything from the target on is handed out as if new, attempts at 1 (contract
   * R7).
   *
   * <p>Fails: {@link GroupActiveException} while a member is live; {@link GroupNotFoundException};
   * {@link PositionRemovedException}.
   */
  void reset(String topic, String group, StartAt target);

  /** Forgets a group. Fails: {@link GroupActiveException}; {@link GroupNotFoundException}. */
  void delete(String topic, String group);

  /** A group, its live members and how far it is. */
  record Description(
      String topic, String group, List<Member> members, Map<String, Lag> partitions) {
    public Description {
      members = List.copyOf(members);
      partitions = Map.copyOf(partitions);
    }
  }

  /**
   * A live member.
   *
   * @param host where it runs, as far as the backend tells
   */
  record Member(String id, String host, Set<String> partitions) {
    public Member {
      partitions = Set.copyOf(partitions);
    }
  }

  /**
   * How far a group is behind in one partition.
   *
   * @param count messages stored and not settled; empty where the backend can't tell
   * @param exact whether the count is exact, else it is an estimate
   * @param age how long ago the first message not settled was stored; null where there is none
   */
  record Lag(OptionalLong count, boolean exact, @Nullable Duration age) {}
}
