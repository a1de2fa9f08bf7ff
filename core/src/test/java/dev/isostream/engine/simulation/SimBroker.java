package dev.isostream.engine.simulation;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The broker: topics and groups, which outlive everything. */
final class SimBroker {

  final SimWorld world;
  final Faults faults;
  final Shape shape;
  final History history;
  final Breakage breakage;
  final Map<String, SimTopic> topics = new LinkedHashMap<>();
  final Map<String, SimGroup> groups = new LinkedHashMap<>();

  /** Until when it is down: what reaches it then waits. */
  private long downUntil;

  SimBroker(SimWorld world, Faults faults, Shape shape, History history, Breakage breakage) {
    this.world = world;
    this.faults = faults;
    this.shape = shape;
    this.history = history;
    this.breakage = breakage;
  }

  SimTopic createTopic(String name, int partitions) {
    SimTopic topic = new SimTopic(world, faults, shape, name, partitions);
    topics.put(name, topic);
    return topic;
  }

  SimTopic topic(String name) {
    SimTopic topic = topics.get(name);
    if (topic == null) {
      throw new IllegalArgumentException("No topic " + name);
    }
    return topic;
  }

  SimGroup group(String topic, String name) {
    return groups.computeIfAbsent(topic + "/" + name, n -> new SimGroup(this, topic(topic), name));
  }

  @Nullable SimGroup findGroup(String topic, String name) {
    return groups.get(topic + "/" + name);
  }

  /** The broker crashes, losing nothing that it confirmed, and is back after a while. */
  void crash(long nanos) {
    world.trace("broker: down for %d ms", nanos / Faults.MILLI);
    downUntil = Math.max(downUntil, world.now() + nanos);
  }

  /** Something reaches the other side: the broker (null), or a process. */
  void after(@Nullable SimProcess process, Runnable task) {
    long delay = faults.latency(world);
    if (process == null) {
      delay = Math.max(delay, downUntil - world.now() + faults.latency(world));
    }
    world.after(process, delay, task);
  }

  /** Splits or merges partitions of a topic; groups get leases for the new ones. */
  void reshard(SimTopic topic) {
    topic.reshard();
    for (SimGroup group : groups.values()) {
      if (group.topic == topic) {
        group.addLanes();
      }
    }
  }
}
