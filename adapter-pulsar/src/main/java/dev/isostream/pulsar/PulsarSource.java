package dev.isostream.pulsar;

import dev.isostream.Position;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Lane;
import dev.isostream.spi.Place;
import dev.isostream.spi.Source;
import dev.isostream.spi.SourceListener;
import dev.isostream.spi.SourceRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.pulsar.client.api.Message;
import org.apache.pulsar.client.api.MessageId;
import org.apache.pulsar.client.api.PulsarClientException;
import org.apache.pulsar.client.api.Reader;
import org.apache.pulsar.client.api.ReaderBuilder;
import org.apache.pulsar.client.impl.ConsumerImpl;
import org.apache.pulsar.client.impl.ReaderImpl;
import org.jspecify.annotations.Nullable;

/**
 * Reads lanes, each by a native reader, which connects again by itself and goes on where it was.
 *
 * <p>What a reader fetches ahead is bounded by its queue, which it fills only as fast as it is
 * emptied; so a lane that is paused fetches no more than that. A queue counts messages, so it
 * begins small, and a reader is opened anew with another one when it was seen how large the
 * messages are (contract F1).
 *
 * <p>Threads: the owner tells; the client's threads say when something has come.
 */
class PulsarSource implements Source {

  private final PulsarClients clients;
  private final PulsarTopic topic;
  private final int maxPollRecords;
  private final long maxFetchBytes;
  private final int largestQueue;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();

  // Guarded by the lock.
  private final Map<String, PulsarLane> lanes = new LinkedHashMap<>();
  private @Nullable DriverException failure;
  private boolean woken;
  private boolean closed;

  PulsarSource(PulsarClients clients, PulsarTopic topic, int maxPollRecords, long maxFetchBytes) {
    this.clients = clients;
    this.topic = topic;
    this.maxPollRecords = Math.max(1, maxPollRecords);
    this.maxFetchBytes = Math.max(1, maxFetchBytes);
    this.largestQueue = Math.max(1, Math.min(maxPollRecords, clients.config().receiverQueueSize()));
  }

  private String doing() {
    return "Reading topic \"" + topic.name() + "\"";
  }

  private void fail(Throwable cause) {
    lock.lock();
    try {
      if (failure == null) {
        failure = PulsarErrors.translate(doing(), cause);
      }
      news.signal();
    } finally {
      lock.unlock();
    }
  }

  // ---- readers

  private void open(PulsarLane lane) {
    lane.opening = true;
    int generation = lane.generation;
    Position first = lane.first();
    int queue = lane.size(largestQueue, maxFetchBytes / Math.max(1, lanes.size()));
    ReaderBuilder<byte[]> builder =
        clients
            .client()
            .newReader()
            .topic(lane.partition.nativeName())
            .receiverQueueSize(queue)
            .startMessageId(first == null ? MessageId.earliest : PulsarTopic.entry(first))
            .startMessageIdInclusive();
    var unused =
        builder
            .createAsync()
            .whenComplete(
                (reader, problem) -> {
                  if (problem == null) {
                    opened(lane, generation, reader);
                  } else {
                    notOpened(lane, generation, problem);
                  }
                });
  }

  private void opened(PulsarLane lane, int generation, Reader<byte[]> reader) {
    lock.lock();
    try {
      if (lane.generation == generation && !closed && lanes.get(lane.lane.name()) == lane) {
        lane.opened(reader, ((ReaderImpl<byte[]>) reader).getConsumer());
        news.signal();
        return;
      }
    } finally {
      lock.unlock();
    }
    var unused = reader.closeAsync();
  }

  private void notOpened(PulsarLane lane, int generation, Throwable problem) {
    lock.lock();
    try {
      if (lane.generation != generation || closed) {
        return;
      }
      lane.opening = false;
      fail(problem);
    } finally {
      lock.unlock();
    }
  }

  /** The client's threads, or the owner's own. */
  private void ask(PulsarLane lane, ConsumerImpl<byte[]> consumer) {
    int generation = lane.generation;
    var unused =
        consumer
            .receiveAsync()
            .whenComplete((message, problem) -> told(lane, generation, message, problem));
  }

  private void told(
      PulsarLane lane,
      int generation,
      @Nullable Message<byte[]> message,
      @Nullable Throwable problem) {
    lock.lock();
    try {
      if (lane.generation != generation || closed) {
        return;
      }
      lane.told(message);
      if (problem != null) {
        lost(lane, problem);
      }
      news.signal();
    } finally {
      lock.unlock();
    }
  }

  /** A reader that can't go on; another one goes on in its place. */
  private void lost(PulsarLane lane, Throwable problem) {
    close(lane.goTo(lane.here()));
    DriverException known = PulsarErrors.translate(doing(), problem);
    fail(
        known.kind() == ErrorKind.UNAVAILABLE
            ? known
            : PulsarErrors.of(ErrorKind.UNAVAILABLE, doing(), problem));
  }

  private static void close(@Nullable Reader<byte[]> reader) {
    if (reader != null) {
      var unused = reader.closeAsync();
    }
  }

  // ---- the owner's

  @Override
  public void poll(Duration maxWait, SourceListener listener) {
    List<Runnable> told = new ArrayList<>();
    lock.lock();
    try {
      long left = maxWait.toNanos();
      while (true) {
        throwFailure();
        gather(told, listener);
        if (!told.isEmpty() || woken || left <= 0) {
          break;
        }
        askAll();
        if (failure == null && !isAnythingTold()) {
          left = news.awaitNanos(left);
        }
      }
      woken = false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
    told.forEach(Runnable::run);
  }

  private void throwFailure() {
    DriverException problem = failure;
    if (problem != null) {
      failure = null;
      throw problem;
    }
  }

  private boolean isAnythingTold() {
    return lanes.values().stream().anyMatch(PulsarLane::isReady);
  }

  private void askAll() {
    for (PulsarLane lane : lanes.values()) {
      if (lane.reader == null && !lane.opening && !lane.gone && !lane.paused) {
        open(lane);
      }
      ConsumerImpl<byte[]> consumer = lane.toAsk();
      if (consumer != null) {
        ask(lane, consumer);
      }
    }
  }

  private void gather(List<Runnable> told, SourceListener listener) {
    int room = maxPollRecords;
    for (PulsarLane lane : List.copyOf(lanes.values())) {
      if (room <= 0) {
        break;
      }
      if (lane.takeNothingLeft()) {
        told.add(() -> listener.removed(lane.lane, Place.Origin.INSTANCE, null));
      }
      if (!lane.isReady()) {
        continue;
      }
      List<SourceRecord> records;
      try {
        records = lane.take(room);
      } catch (PulsarClientException e) {
        lost(lane, e);
        continue;
      }
      if (!records.isEmpty()) {
        room -= records.size();
        told(lane, records);
        if (lane.isOfWrongSize(largestQueue, maxFetchBytes / Math.max(1, lanes.size()))) {
          close(lane.goTo(lane.here()));
        }
        told.add(() -> listener.records(lane.lane, records));
        // the next poll begins with the others
        lanes.remove(lane.lane.name());
        lanes.put(lane.lane.name(), lane);
      }
      Position found = lane.takeFound();
      if (found != null) {
        told.add(() -> listener.removed(lane.lane, new Place.At(found), found));
      }
    }
  }

  /** For members. */
  void told(PulsarLane lane, List<SourceRecord> records) {}

  @Override
  public void wakeup() {
    lock.lock();
    try {
      woken = true;
      news.signal();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void read(Lane lane, Place place) {
    lock.lock();
    try {
      PulsarLane mine = lanes.get(lane.name());
      if (mine == null || !mine.lane.equals(lane)) {
        if (mine != null) {
          close(mine.goTo(Place.Origin.INSTANCE));
        }
        mine = new PulsarLane(lane, partition(lane));
        lanes.put(lane.name(), mine);
      }
      close(mine.goTo(place));
      if (!mine.paused) {
        open(mine);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Partitions that came later are named by their numbers too. */
  final PulsarTopic.Partition partition(Lane lane) {
    return clients.latest(topic).partition(lane.name());
  }

  @Override
  public void pause(Lane lane) {
    setPaused(lane, true);
  }

  @Override
  public void resume(Lane lane) {
    setPaused(lane, false);
  }

  private void setPaused(Lane lane, boolean paused) {
    lock.lock();
    try {
      PulsarLane mine = held(lane);
      if (mine != null) {
        mine.paused = paused;
      }
    } finally {
      lock.unlock();
    }
  }

  private @Nullable PulsarLane held(Lane lane) {
    PulsarLane mine = lanes.get(lane.name());
    return mine != null && mine.lane.equals(lane) ? mine : null;
  }

  @Override
  public void stop(Lane lane) {
    lock.lock();
    try {
      PulsarLane mine = held(lane);
      if (mine != null) {
        lanes.remove(lane.name());
        close(mine.goTo(Place.Origin.INSTANCE));
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean hasReached(Lane lane, Place end) {
    lock.lock();
    try {
      PulsarLane mine = held(lane);
      return mine != null && mine.hasReached(end);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      lanes.values().forEach(lane -> close(lane.goTo(Place.Origin.INSTANCE)));
      lanes.clear();
    } finally {
      lock.unlock();
    }
  }
}
