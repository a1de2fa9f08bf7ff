package dev.isostream.kafka;

import java.util.Optional;

/**
 * Native group ids: {@code <group>@<topic>}. A group belongs to one topic here, so that groups of
 * one name on two topics never meet; neither name has an {@code @}, so the id is read back.
 */
final class KafkaGroups {

  private static final char SEPARATOR = '@';

  private KafkaGroups() {}

  /** The native id. */
  static String id(String topic, String group) {
    return group + SEPARATOR + topic;
  }

  /** The group's name, if the native id is of a group of this topic. */
  static Optional<String> group(String topic, String id) {
    int at = id.length() - topic.length() - 1;
    return at > 0 && id.charAt(at) == SEPARATOR && id.endsWith(topic) && id.indexOf(SEPARATOR) == at
        ? Optional.of(id.substring(0, at))
        : Optional.empty();
  }
}
