package dev.isostream;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Creates, describes, lists and deletes topics.
 *
 * <p>Blocks: until the backend has done it, at most the request timeout. Fails as {@link
 * ProducerBuilder#open}. Threads: thread-safe.
 */
public interface TopicAdmin {

  /**
   * Creates a topic, ready to use on return.
   *
   * <p>Fails: {@link AlreadyExistsException}; {@link InvalidRequestException} for an illegal name
   * or number.
   *
   * @param partitions 1 or more
   */
  void create(String topic, int partitions);

  /** Gives a topic more partitions; its keys may move (contract O1). */
  void grow(String topic, int partitions);

  /** What is known of a topic; empty where there is none of that name. */
  Optional<Description> describe(String topic);

  /** The names of all topics that applications may use. */
  Set<String> list();

  /** Deletes a topic with its messages and groups. Fails: {@link TopicNotFoundException}. */
  void delete(String topic);

  /**
   * A topic.
   *
   * @param partitions names, in the backend's order
   */
  record Description(String topic, List<String> partitions) {
    public Description {
      partitions = List.copyOf(partitions);
    }
  }
}
