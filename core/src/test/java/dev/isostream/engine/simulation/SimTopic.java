package dev.isostream.engine.simulation;

import dev.isostream.Headers;
import dev.isostream.Position;
import dev.isostream.spi.Place;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One topic: its partitions, all that there ever were, and who waits for messages. */
final class SimTopic {

  static final int HASHES = 1 << 16;

  /** The name of the lane that carries all partitions. */
  static final String QUEUE = "queue";

  final String name;
  final Shape shape;
  final List<SimPartition> partitions = new ArrayList<>();

  /** All messages, in the order in which they were stored. */
  final List<SimRecord> all = new ArrayList<>();

  private final Set<String> ids = new HashSet<>();
  private final SimWorld world;
  private final Faults faults;
  private final List<Runnable> waiting = new ArrayList<>();

  SimTopic(SimWorld world, Faults faults, Shape shape, String name, int count) {
    this.world = world;
    this.faults = faults;
    this.shape = shape;
    this.name = name;
    for (int i = 0; i < count; i++) {
      int from = HASHES / count * i;
      int to = i == count - 1 ? HASHES : HASHES / count * (i + 1);
      partitions.add(new SimPartition(this, Integer.toString(i), from, to, List.of()));
    }
  }

  List<SimPartition> open() {
    return partitions.stream().filter(p -> !p.closed).toList();
  }

  SimPartition partition(String named) {
    for (SimPartition partition : partitions) {
      if (partition.name.equals(named)) {
        return partition;
      }
    }
    throw new IllegalArgumentException("No partition " + named + " in " + name);
  }

  /** Where a message goes: by its key, or, without one, where it went before. */
  SimPartition route(byte @Nullable [] key, int send) {
    List<SimPartition> open = open();
    int hash = ((key == null ? send : Arrays.hashCode(key)) * 0x9E3779B1) >>> 16;
    for (SimPartition partition : open) {
      if (hash >= partition.hashFrom && hash < partition.hashTo) {
        return partition;
      }
    }
    throw new IllegalStateException("No partition for hash " + hash);
  }

  SimRecord append(
      SimPartition to, byte @Nullable [] key, byte @Nullable [] payload, Headers headers) {
    Instant now = Instant.parse("2026-01-01T00:00:00Z").plusNanos(world.now());
    Position position;
    if (shape.dense()) {
      while (world.chance(faults.gaps)) {
        to.nextOffset++;
      }
      position = to.position(to.nextOffset++);
    } else {
      long millis = now.toEpochMilli();
      to.lastNumber = millis == to.lastMillis ? to.lastNumber + 1 : 0;
      to.lastMillis = millis;
      position = to.position(millis, to.lastNumber);
    }
    SimRecord message =
        new SimRecord(
            to,
            to.log.size(),
            all.size(),
            position,
            key,
            payload,
            headers,
            now,
            payload != null && !ids.add(new String(payload, StandardCharsets.UTF_8)));
    to.log.add(message);
    all.add(message);
    world.trace("broker: stored %s of key %s in %s", message, message.keyText(), name);
    wake();
    return message;
  }

  /** Splits a partition, or merges two neighbours. */
  void reshard() {
    List<SimPartition> open = open();
    SimPartition first = open.get(world.random().nextInt(open.size()));
    String next = Integer.toString(partitions.size());
    if (world.chance(0.5) && first.hashTo - first.hashFrom > 1) {
      int middle = (int) world.between(first.hashFrom + 1, first.hashTo - 1);
      String other = Integer.toString(partitions.size() + 1);
      List<SimPartition> parents = List.of(first);
      first.closed = true;
      partitions.add(new SimPartition(this, next, first.hashFrom, middle, parents));
      partitions.add(new SimPartition(this, other, middle, first.hashTo, parents));
      world.trace("broker: split %s into %s and %s", first.name, next, other);
    } else {
      for (SimPartition second : open) {
        if (second.hashFrom == first.hashTo) {
          first.closed = true;
          second.closed = true;
          partitions.add(
              new SimPartition(this, next, first.hashFrom, second.hashTo, List.of(first, second)));
          world.trace("broker: merged %s and %s into %s", first.name, second.name, next);
          break;
        }
      }
    }
    wake();
  }

  /** Calls this once there may be something new. */
  void whenNew(Runnable look) {
    waiting.add(look);
  }

  private void wake() {
    List<Runnable> now = List.copyOf(waiting);
    waiting.clear();
    now.forEach(Runnable::run);
  }

  /** A place of a lane in words that a cursor may hold. */
  Place locate(String lane, Place place) {
    if (!shape.oneLane()) {
      SimPartition partition = partition(lane);
      return partition.placeAt(partition.indexOf(place));
    }
    return new Place.At(Position.of("sim", name, QUEUE, null, queueStart(place)));
  }

  private long queueStart(Place place) {
    if (place instanceof Place.Since since) {
      for (SimRecord message : all) {
        if (!message.timestamp().isBefore(since.timestamp())) {
          return message.number;
        }
      }
    }
    return place == Place.Earliest.INSTANCE || place == Place.Origin.INSTANCE ? 0 : all.size();
  }
}
