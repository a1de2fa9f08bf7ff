package dev.isostream.rabbitmq;

import com.rabbitmq.stream.Message;
import dev.isostream.spi.ErrorKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A connection of a source and its subscriptions. Guarded by the source's lock, but for what
 * arrives.
 */
final class RabbitReads implements RabbitLink.Listener {

  /** What a subscription was made for. */
  record Ticket(RabbitLane lane, int generation) {}

  private final RabbitSource source;
  private final RabbitNode node;
  final Map<Integer, Ticket> subscriptions = new HashMap<>();

  // Of the chunk that is just arriving; the connection's thread's.
  private final List<RabbitRecords.Stored> arriving = new ArrayList<>();
  private @Nullable RabbitLane arrivingAt;
  private long arrivingEnd;

  @Nullable RabbitLink link;
  private int nextSubscription;

  RabbitReads(RabbitSource source, RabbitNode node) {
    this.source = source;
    this.node = node;
  }

  int subscribe(RabbitLane lane) {
    int id = nextSubscription;
    while (subscriptions.containsKey(id)) {
      id = (id + 1) % RabbitSource.SUBSCRIPTIONS;
    }
    nextSubscription = (id + 1) % RabbitSource.SUBSCRIPTIONS;
    subscriptions.put(id, new Ticket(lane, lane.generation));
    return id;
  }

  /** A chunk is told as a whole: its messages come one after the other, on one thread. */
  @Override
  public void chunk(RabbitLink from, int subscription, long first, long messages, long bytes) {
    arriving.clear();
    arrivingEnd = first + messages;
    source.lock.lock();
    try {
      arrivingAt = lane(subscription);
    } finally {
      source.lock.unlock();
    }
  }

  private @Nullable RabbitLane lane(int subscription) {
    Ticket ticket = subscriptions.get(subscription);
    return ticket != null && ticket.generation == ticket.lane.generation ? ticket.lane : null;
  }

  @Override
  public void message(int subscription, long offset, long timestamp, Message message) {
    RabbitLane expecting = arrivingAt;
    if (expecting == null) {
      return;
    }
    arriving.add(new RabbitRecords.Stored(expecting.partition, offset, timestamp, message));
    if (offset < arrivingEnd - 1) {
      return;
    }
    source.lock.lock();
    try {
      RabbitLane lane = lane(subscription);
      if (lane == expecting) {
        lane.owed++;
        arriving.forEach(each -> arrived(lane, each));
        source.pay(lane);
        source.news.signal();
      }
    } finally {
      source.lock.unlock();
      arriving.clear();
    }
  }

  private void arrived(RabbitLane lane, RabbitRecords.Stored message) {
    if (message.offset() < lane.next) {
      return;
    }
    if (message.offset() > lane.next && !lane.doubtful) {
      source.doubt(lane, lane.next);
    }
    lane.add(message);
  }

  @Override
  public void unavailable(String stream, short code) {
    if (source.topic.streams().contains(stream)) {
      lost();
    }
  }

  @Override
  public void lost() {
    source.lock.lock();
    try {
      if (source.links.get(node) == this) {
        source.links.remove(node);
      }
      boolean any = false;
      for (Ticket ticket : subscriptions.values()) {
        RabbitLane lane = ticket.lane;
        if (lane.link == link && lane.subscribed) {
          lane.subscribed = false;
          lane.link = null;
          any = true;
        }
      }
      subscriptions.clear();
      if (any && !source.closed) {
        source.fail(RabbitErrors.of(ErrorKind.UNAVAILABLE, source.doing(), null));
      }
    } finally {
      source.lock.unlock();
    }
    RabbitLink last = link;
    if (last != null) {
      last.close();
    }
  }
}
