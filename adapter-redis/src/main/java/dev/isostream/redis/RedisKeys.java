package dev.isostream.redis;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * Names of keys. What belongs to one partition has one hash tag, so that it lies in one slot of a
 * cluster and one script can change all of it.
 *
 * @param prefix what all of them start with
 */
record RedisKeys(String prefix) {

  /** The set of all topics. */
  byte[] topics() {
    return bytes(prefix + ":topics");
  }

  /** The record of a topic. */
  byte[] topic(String topic) {
    return bytes(prefix + ":topic:" + topic);
  }

  private String tag(String topic, int partition) {
    return prefix + ":{" + topic + ":" + partition + "}";
  }

  /** The stream. */
  byte[] stream(String topic, int partition) {
    return bytes(tag(topic, partition));
  }

  /** Which topic the partition belongs to. */
  byte[] meta(String topic, int partition) {
    return bytes(tag(topic, partition) + ":meta");
  }

  /** What is remembered of a producer. */
  byte[] producer(String topic, int partition, String producer) {
    return bytes(tag(topic, partition) + ":producer:" + producer);
  }

  /** Who owns the partition for a group, and the engine's state. */
  byte[] lease(String topic, int partition, String group) {
    return bytes(leasePrefix(topic, partition) + group);
  }

  String leasePrefix(String topic, int partition) {
    return tag(topic, partition) + ":group:";
  }

  /** Signs of life of a group's members. */
  byte[] members(String topic, String group) {
    return bytes(leasePrefix(topic, 0) + group + ":members");
  }

  /** The channel where stored messages are announced. */
  byte[] channel(String topic, int partition) {
    return stream(topic, partition);
  }

  /** Where messages of a key go: CRC-32 of its bytes, modulo the number of partitions. */
  static int partition(byte[] key, int partitions) {
    CRC32 hash = new CRC32();
    hash.update(key);
    return (int) (hash.getValue() % partitions);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
