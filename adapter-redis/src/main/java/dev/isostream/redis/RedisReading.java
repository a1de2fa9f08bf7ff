package dev.isostream.redis;

import dev.isostream.redis.RedisFetches.Asked;
import dev.isostream.redis.RedisFetches.Found;
import dev.isostream.spi.Place;
import dev.isostream.spi.SourceRecord;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A lane while it is being fetched. Confined to its fetch. */
final class RedisReading {

  final Asked asked;

  /** Everything up to here was looked at. */
  RedisId at;

  /** Where to go on, if the place was gone. */
  @Nullable Place gone;

  private final RedisTopic topic;
  private long ordinal;
  private @Nullable RedisId start;
  private @Nullable RedisId delivered;
  private Set<RedisId> pending;
  private @Nullable RedisId first;
  private @Nullable RedisId last;
  private int taken;
  private List<SourceRecord> records = List.of();

  RedisReading(RedisTopic topic, Asked asked) {
    this.topic = topic;
    this.asked = asked;
    this.at = asked.fetched();
    this.ordinal = asked.ordinal();
    this.delivered = asked.delivered();
    this.pending = asked.pending();
  }

  Found found() {
    return new Found(asked, start, at, ordinal, records, delivered, pending, gone, first);
  }

  /** Asks what the stream holds, and where reading begins whether that is there. */
  RedisRequest bounds() {
    byte[] named =
        start == null && asked.opening() instanceof Place.At place
            ? RedisId.of(place.position()).bytes()
            : new byte[0];
    return RedisRequest.call(RedisScript.BOUNDS, List.of(asked.lane().stream), named);
  }

  /** Where the group stands. */
  void takeOver(List<@Nullable Object> answer, RedisBounds bounds) {
    if (answer.isEmpty()) {
      return;
    }
    long read = RedisReply.number(answer.get(1));
    long lag = RedisReply.number(answer.get(2));
    Set<RedisId> open = new HashSet<>();
    for (Object id : RedisReply.list(answer.get(3))) {
      open.add(RedisId.parse(RedisReply.bytes(id)));
    }
    delivered = RedisId.parse(RedisReply.bytes(answer.get(0)));
    pending = open;
    if (open.isEmpty()) {
      ordinal = read >= 0 ? read : lag >= 0 ? bounds.added() - lag : -1;
    }
  }

  /** Finds the place where reading begins. */
  void begin(RedisBounds bounds) {
    Place place = asked.opening();
    if (place == null) {
      return;
    }
    if (!topic.holds(place) || bounds.isBefore(place)) {
      goOnAtStart(bounds);
      return;
    }
    at = RedisId.before(place);
    start = at;
    if (delivered == null || !delivered.equals(at)) {
      ordinal = -1;
    }
    if (place instanceof Place.Origin) {
      ordinal = 0;
    }
    ordinal = bounds.ordinal(at, ordinal);
    if (place instanceof Place.At named && bounds.lacks(RedisId.of(named.position()))) {
      goOnAtNext(bounds);
    } else if (!(place instanceof Place.At) && bounds.hasLost(at, ordinal)) {
      goOnAtStart(bounds);
    }
  }

  private void goOnAtNext(RedisBounds bounds) {
    RedisId next = bounds.following();
    if (next == null) {
      goOnAtStart(bounds);
    } else {
      goOn(next);
    }
  }

  private void goOnAtStart(RedisBounds bounds) {
    RedisId left = bounds.first();
    if (left != null) {
      goOn(left);
    } else {
      gone = bounds.end(topic, asked.lane().partition);
    }
  }

  private void goOn(RedisId left) {
    first = left;
    gone = new Place.At(topic.position(asked.lane().partition, left));
  }

  /** These were read next. */
  void take(List<@Nullable Object> entries) {
    Held lane = asked.lane();
    List<SourceRecord> all = new ArrayList<>(entries.size());
    for (Object one : entries) {
      List<@Nullable Object> entry = RedisReply.list(one);
      RedisId id = RedisId.parse(RedisReply.bytes(entry.get(0)));
      if (isOpen(id)) {
        all.add(
            RedisRecords.fromNative(
                topic, lane.partition, lane.name, id, RedisReply.list(entry.get(1))));
      }
      first = first == null ? id : first;
      last = id;
    }
    records = all;
    taken = entries.size();
  }

  /** Whether the group has still to get it. */
  private boolean isOpen(RedisId id) {
    return delivered == null || id.compareTo(delivered) > 0 || pending.contains(id);
  }

  /**
   * What the stream holds after it was read: retention may have taken what lay between the last
   * fetch and this one, which the entries themselves don't show.
   */
  void check(RedisBounds bounds) {
    RedisId to = last;
    RedisId next = first;
    if (to == null || next == null) {
      return;
    }
    if (bounds.hasLost(at, ordinal, next)) {
      records = List.of();
      goOn(next);
      return;
    }
    first = null;
    at = to;
    ordinal = bounds.ordinal(to, ordinal < 0 ? -1 : ordinal + taken);
  }
}
