package dev.isostream.kafka;

import dev.isostream.Position;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Lane;
import dev.isostream.spi.Place;
import dev.isostream.spi.Source;
import dev.isostream.spi.SourceListener;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.NoOffsetForPartitionException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/** What reading is with a group and without: one consumer, and the lanes that it reads. */
abstract class KafkaSource implements Source {

  private static final Duration LONGEST_CLOSE = Duration.ofSeconds(5);

  final KafkaTopic topic;
  final KafkaConsumer<byte[], byte[]> consumer;
  final Duration requestTimeout;
  final Wakeups wakeups;
  private final KafkaSilence silence;

  /** What is ours, in the order it came. */
  final Map<TopicPartition, Held> held = new LinkedHashMap<>();

  /**
   * Lanes whose place is gone, with where to go on if the broker told; else from the log's start.
   */
  private final Map<TopicPartition, Long> gone = new HashMap<>();

  private boolean closed;

  /** A lane in our hands. */
  static final class Held {
    final Lane lane;
    final KafkaTopic.Partition partition;

    /** Whether the engine has said where to read. */
    boolean reading;

    boolean paused;

    /** The offset that the engine gave. */
    long from;

    /** What the client was told last. */
    boolean flowing;

    Held(Lane lane, KafkaTopic.Partition partition) {
      this.lane = lane;
      this.partition = partition;
    }
  }

  KafkaSource(KafkaTopic topic, KafkaConsumer<byte[], byte[]> consumer, Duration requestTimeout) {
    this.topic = topic;
    this.consumer = consumer;
    this.requestTimeout = requestTimeout;
    this.wakeups = new Wakeups(consumer::wakeup);
    this.silence = new KafkaSilence(consumer, requestTimeout);
  }

  @Override
  public void poll(Duration maxWait, SourceListener listener) {
    try {
      before(listener);
      tellGone(listener);
      pollNative(maxWait, listener);
      tellGone(listener);
    } catch (KafkaException e) {
      throw KafkaErrors.translate("Reading topic \"" + topic.name() + "\"", e);
    }
  }

  /** What there is to do on the owner's thread before it waits. */
  void before(SourceListener listener) {}

  private void pollNative(Duration maxWait, SourceListener listener) {
    boolean asked = wakeups.begin();
    silence.begin();
    ConsumerRecords<byte[], byte[]> records = ConsumerRecords.empty();
    boolean left;
    try {
      records = pollOnce(asked ? Duration.ZERO : patience(maxWait));
    } finally {
      left = wakeups.end();
    }
    tell(records, listener);
    if (silence.end() && isAsking()) {
      throw KafkaErrors.of(
          ErrorKind.UNAVAILABLE,
          "Reading topic \"" + topic.name() + "\", without an answer,",
          null);
    }
    if (left) { // the wait was over when the wakeup came; it must not break the next call
      tell(pollOnce(Duration.ZERO), listener);
    }
  }

  /** How long to wait at most. */
  Duration patience(Duration maxWait) {
    return maxWait;
  }

  /** Whether the client has anything to ask a broker. */
  boolean isAsking() {
    return held.values().stream().anyMatch(mine -> mine.flowing);
  }

  private ConsumerRecords<byte[], byte[]> pollOnce(Duration maxWait) {
    try {
      return consumer.poll(maxWait);
    } catch (WakeupException e) {
      wakeups.absorbed();
    } catch (OffsetOutOfRangeException e) {
      markGone(e);
    } catch (NoOffsetForPartitionException e) {
      // with the newer protocol the client may look for a place before it tells us of the partition
      Set<TopicPartition> unknown = new HashSet<>(e.partitions());
      unknown.removeAll(held.keySet());
      hold(unknown);
    }
    return ConsumerRecords.empty();
  }

  private void tell(ConsumerRecords<byte[], byte[]> records, SourceListener listener) {
    for (TopicPartition id : records.partitions()) {
      Held lane = held.get(id);
      List<ConsumerRecord<byte[], byte[]>> batch = records.records(id);
      if (lane != null && !batch.isEmpty()) {
        listener.records(lane.lane, KafkaRecords.fromNative(lane.partition, batch));
      }
    }
  }

  /** Puts partitions at a harmless place, where nothing is fetched, until the engine says where. */
  final void hold(Set<TopicPartition> partitions) {
    for (TopicPartition id : partitions) {
      Held mine = held.get(id);
      if (mine != null) {
        mine.reading = false;
        mine.flowing = false;
      }
      if (consumer.assignment().contains(id)) {
        consumer.seek(id, 0);
        consumer.pause(Set.of(id));
      }
    }
  }

  private void flow(Held mine) {
    boolean wanted = mine.reading && !mine.paused;
    if (wanted == mine.flowing) {
      return;
    }
    mine.flowing = wanted;
    if (wanted) {
      consumer.resume(Set.of(mine.partition.id()));
    } else {
      consumer.pause(Set.of(mine.partition.id()));
    }
  }

  private void markGone(OffsetOutOfRangeException failure) {
    Map<TopicPartition, OffsetAndMetadata> divergent =
        failure instanceof LogTruncationException cut ? cut.divergentOffsets() : Map.of();
    Set<TopicPartition> all = failure.offsetOutOfRangePartitions().keySet();
    for (TopicPartition id : all) {
      OffsetAndMetadata truncatedTo = divergent.get(id);
      gone.put(id, truncatedTo == null ? -1L : truncatedTo.offset());
    }
    hold(all);
  }

  private void tellGone(SourceListener listener) {
    gone.keySet().retainAll(held.keySet());
    if (gone.isEmpty()) {
      return;
    }
    Set<TopicPartition> asked = new HashSet<>(gone.keySet());
    Map<TopicPartition, Long> starts = consumer.beginningOffsets(asked, requestTimeout);
    Map<TopicPartition, Long> ends = consumer.endOffsets(asked, requestTimeout);
    for (TopicPartition id : asked) {
      Held lane = held.get(id);
      Long truncatedTo = gone.remove(id);
      Long start = starts.get(id);
      Long end = ends.get(id);
      if (lane != null && truncatedTo != null && start != null && end != null) {
        long place = Math.max(start, truncatedTo);
        Position earliest = lane.partition.position(place);
        listener.removed(lane.lane, new Place.At(earliest), place < end ? earliest : null);
      }
    }
  }

  /** The lane, if it is still that one; calls for a former one do nothing. */
  final @Nullable Held held(Lane lane) {
    Held mine = held.get(topic.partition(lane.name()).id());
    return mine != null && mine.lane.equals(lane) ? mine : null;
  }

  @Override
  public final void wakeup() {
    wakeups.wakeup();
  }

  @Override
  public void read(Lane lane, Place place) {
    Held mine = held(lane);
    if (mine == null) {
      return;
    }
    TopicPartition id = mine.partition.id();
    if (!topic.holds(place)) {
      gone.put(id, -1L);
      hold(Set.of(id));
      return;
    }
    gone.remove(id);
    mine.from = KafkaTopic.offset(place);
    consumer.seek(id, mine.from);
    mine.reading = true;
    flow(mine);
  }

  @Override
  public final void pause(Lane lane) {
    pause(lane, true);
  }

  @Override
  public final void resume(Lane lane) {
    pause(lane, false);
  }

  private void pause(Lane lane, boolean paused) {
    Held mine = held(lane);
    if (mine != null && mine.paused != paused) {
      mine.paused = paused;
      flow(mine);
    }
  }

  @Override
  public void stop(Lane lane) {
    Held mine = held(lane);
    if (mine != null) {
      mine.paused = false;
      hold(Set.of(mine.partition.id()));
    }
  }

  @Override
  public final boolean hasReached(Lane lane, Place end) {
    Held mine = held(lane);
    if (mine == null || !mine.reading) {
      return false;
    }
    TopicPartition id = mine.partition.id();
    long wanted = KafkaTopic.offset(end);
    try {
      if (consumer.position(id, Duration.ZERO) < wanted) {
        return false;
      }
      // started beyond that end: the log may have grown since, or it is a place that is none
      return mine.from <= wanted || consumer.currentLag(id).orElse(-1) >= 0;
    } catch (TimeoutException e) {
      return false; // the client is about to check its place with the broker
    } catch (KafkaException e) {
      throw KafkaErrors.translate("Reading topic \"" + topic.name() + "\"", e);
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    held.clear();
    Duration limit = requestTimeout.compareTo(LONGEST_CLOSE) < 0 ? requestTimeout : LONGEST_CLOSE;
    try {
      consumer.close(
          CloseOptions.timeout(limit)
              .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
    } catch (KafkaException | DriverException e) {
      // the consumer is freed all the same; the broker finds out by the session's end
      System.getLogger(KafkaSource.class.getName())
          .log(System.Logger.Level.DEBUG, "Closing a consumer failed", e);
    }
  }

  final boolean isClosed() {
    return closed;
  }
}
