package dev.isostream.memory;

import dev.isostream.spi.DriverException;
import dev.isostream.spi.SinkRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A topic with its partitions and groups. Thread-safe. */
final class MemoryTopic {

  private final String name;
  private final String incarnation;
  private final long retentionMessages;
  private final MemoryClock clock;
  private final ReentrantLock growing = new ReentrantLock();
  private final AtomicInteger keyless = new AtomicInteger();
  private final ConcurrentHashMap<String, MemoryGroup> groups = new ConcurrentHashMap<>();

  /** By producer: what it has stored without having had the reply, by sequence. */
  private final ConcurrentHashMap<String, Map<Long, MemoryRecord>> unanswered =
      new ConcurrentHashMap<>();

  private final AtomicLong epochs = new AtomicLong();
  private volatile List<MemoryPartition> partitions = List.of();
  private volatile boolean deleted;

  MemoryTopic(
      String name, String incarnation, int partitions, long retentionMessages, MemoryClock clock) {
    this.name = name;
    this.incarnation = incarnation;
    this.retentionMessages = retentionMessages;
    this.clock = clock;
    grow(partitions);
  }

  String name() {
    return name;
  }

  String incarnation() {
    return incarnation;
  }

  List<MemoryPartition> partitions() {
    return partitions;
  }

  MemoryPartition partition(String partition) {
    for (MemoryPartition one : partitions) {
      if (one.name().equals(partition)) {
        return one;
      }
    }
    throw MemoryErrors.invalid(
        "\""
            + partition
            + "\" is no partition of topic "
            + name
            + "; they are 0 to "
            + (partitions.size() - 1));
  }

  /** Grows over all groups, so that no group made anew repeats one. */
  long nextEpoch() {
    return epochs.incrementAndGet();
  }

  void checkExists() {
    if (deleted) {
      throw MemoryErrors.noTopic(name);
    }
  }

  void delete() {
    deleted = true;
  }

  void grow(int count) {
    growing.lock();
    try {
      if (count <= partitions.size()) {
        throw MemoryErrors.invalid(
            "Topic " + name + " has " + partitions.size() + " partitions; allowed are more");
      }
      List<MemoryPartition> more = new ArrayList<>(partitions);
      while (more.size() < count) {
        String number = Integer.toString(more.size());
        more.add(new MemoryPartition(name, incarnation, number, retentionMessages));
      }
      partitions = List.copyOf(more);
    } finally {
      growing.unlock();
    }
    groups.values().forEach(MemoryGroup::partitionsChanged);
  }

  /**
   * Appends records of one producer. Records without a key go together, to one partition after
   * another.
   *
   * @return for each either the {@link MemoryRecord} or the {@link DriverException}
   */
  @Nullable Object[] append(String producer, List<? extends SinkRecord> records, int maxBytes) {
    @Nullable Object[] outcomes = new @Nullable Object[records.size()];
    Map<Long, MemoryRecord> known = unanswered.get(producer);
    List<MemoryPartition> targets = partitions;
    int[] target = new int[outcomes.length];
    int[] counts = new int[targets.size()];
    int withoutKey = (keyless.getAndIncrement() & Integer.MAX_VALUE) % targets.size();
    for (int i = 0; i < outcomes.length; i++) {
      SinkRecord record = records.get(i);
      outcomes[i] = known == null ? null : known.remove(record.sequence());
      if (outcomes[i] == null) {
        outcomes[i] = refusal(record, maxBytes);
      }
      if (outcomes[i] == null) {
        byte[] key = record.key();
        target[i] = key == null ? withoutKey : Partitioner.partition(key, counts.length);
        counts[target[i]]++;
      }
    }
    Instant now = clock.now();
    for (int p = 0; p < counts.length; p++) {
      if (counts[p] > 0) {
        append(targets.get(p), p, records, target, outcomes, now);
      }
    }
    return outcomes;
  }

  private static void append(
      MemoryPartition partition,
      int number,
      List<? extends SinkRecord> records,
      int[] target,
      @Nullable Object[] outcomes,
      Instant now) {
    partition.lock();
    try {
      for (int i = 0; i < outcomes.length; i++) {
        if (outcomes[i] == null && target[i] == number) {
          SinkRecord record = records.get(i);
          outcomes[i] = partition.append(record.key(), record.payload(), record.headers(), now);
        }
      }
    } finally {
      partition.unlock();
    }
  }

  private static @Nullable DriverException refusal(SinkRecord record, int maxBytes) {
    int bytes = MemoryRecord.sizeOf(record.key(), record.payload(), record.headers());
    return bytes > maxBytes ? MemoryErrors.tooLarge(bytes, maxBytes) : null;
  }

  /** Remembers what this producer was not told, so that sending it again stores nothing. */
  void replyLost(String producer, List<? extends SinkRecord> records, @Nullable Object[] outcomes) {
    Map<Long, MemoryRecord> lost =
        unanswered.computeIfAbsent(producer, p -> new ConcurrentHashMap<>());
    for (int i = 0; i < outcomes.length; i++) {
      if (outcomes[i] instanceof MemoryRecord stored) {
        lost.put(records.get(i).sequence(), stored);
      }
    }
  }

  void forgetProducer(String producer) {
    unanswered.remove(producer);
  }

  /** Joins a group, which is made where it is new. */
  MemoryGroup join(String group, MemoryMember member) {
    MemoryGroup joined =
        groups.compute(
            group,
            (name, there) -> {
              MemoryGroup one = there == null ? new MemoryGroup(this, name, clock) : there;
              one.join(member);
              return one;
            });
    checkExists();
    return joined;
  }

  void leave(String group, MemoryMember member) {
    groups.computeIfPresent(
        group,
        (name, there) -> {
          there.leave(member);
          return there.isEmpty() ? null : there;
        });
  }

  List<String> groupNames() {
    return groups.entrySet().stream()
        .filter(one -> !one.getValue().isEmpty())
        .map(Map.Entry::getKey)
        .toList();
  }

  @Nullable MemoryGroup group(String group) {
    MemoryGroup there = groups.get(group);
    return there == null || there.isEmpty() ? null : there;
  }

  /** Forgets a group, unless a member of it is live. */
  void deleteGroup(String group) {
    if (group(group) == null) {
      throw MemoryErrors.noGroup(name, group);
    }
    groups.computeIfPresent(
        group,
        (name, there) -> {
          if (there.isLive()) {
            throw MemoryErrors.groupActive(this.name, group);
          }
          return null;
        });
  }

  /** After the broker was away, its members' sessions start anew: they could not report. */
  void renewSessions() {
    groups.values().forEach(MemoryGroup::renewSessions);
  }
}
