package dev.isostream.kinesis;

import dev.isostream.spi.Lane;
import dev.isostream.spi.Place;
import dev.isostream.spi.SourceRecord;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.model.Record;

/** A shard as it is read. Guarded by its source's lock. */
final class KinesisLane {

  final Lane lane;

  /** The shard's name, always the same instance. */
  final String name;

  /** Counts calls of {@code read}: what was asked for before is dropped. */
  int generation;

  boolean paused;

  /** The place is gone and was told, or is about to be; nothing is read before the next call. */
  boolean gone;

  /** The shard's last record was read. */
  boolean atEnd;

  /** {@link dev.isostream.spi.SourceListener#ended} was called. */
  boolean ended;

  /** Whether a fetch is under way. */
  boolean fetching;

  /** By the driver's clock; no fetch begins before. */
  long dueNanos;

  /** Where the next fetch begins; null for behind {@link #fetched}. */
  @Nullable String iterator;

  /** What brings records now, or is about to; null where they are asked for. */
  @Nullable KinesisSubscription subscription;

  /** By the driver's clock; no subscription begins before. */
  long subscribeNanos;

  /** How often in turn the service refused to begin a subscription where this lane is. */
  int refusals;

  /** Where a subscription said that it would go on; null where none did since the place was set. */
  @Nullable BigInteger continuation;

  /** The place is to be looked for from the trim horizon, as the service does not know it. */
  boolean fromHorizon;

  /** What the first record has to be, or that of which it must not be behind. */
  @Nullable KinesisId expected;

  /** Whether it is still open that {@link #expected} is, or was, in the shard at all. */
  boolean unproven;

  /** The first record there is, where it lies before {@link #expected}. */
  @Nullable KinesisId horizon;

  /** Everything up to here was fetched. */
  KinesisId fetched = KinesisId.ORIGIN;

  /** Everything up to here was told. */
  KinesisId told = KinesisId.ORIGIN;

  private final Deque<Fetched> waiting = new ArrayDeque<>();
  int waitingMessages;
  long waitingBytes;

  /** What was made of one record, and where it ends. */
  private record Fetched(List<SourceRecord> messages, KinesisId end, int from) {}

  KinesisLane(Lane lane) {
    this.lane = lane;
    this.name = lane.name();
  }

  void goTo(Place place) {
    generation++;
    gone = false;
    atEnd = false;
    ended = false;
    iterator = null;
    continuation = null;
    refusals = 0;
    fromHorizon = false;
    fetching = false;
    waiting.clear();
    waitingMessages = 0;
    waitingBytes = 0;
    fetched = KinesisId.before(place);
    told = fetched;
    expect(fetched.equals(KinesisId.ORIGIN) ? null : fetched);
  }

  /** Sets what the first record has to be; null for any. */
  void expect(@Nullable KinesisId first) {
    expected = first;
    unproven = first != null;
    horizon = null;
  }

  /** Whether everything before an end was told; what is behind it may lie in no shard. */
  boolean hasReached(KinesisId end) {
    int order = told.compareTo(end);
    return !gone && (order == 0 || (order > 0 && !unproven));
  }

  /** Whether records may come from behind {@link #last} on, without a look at what is there. */
  boolean isPlaced() {
    return expected == null && (iterator != null || continuation != null);
  }

  /** The record, or the place of the service's own, behind which all is still to come; 0: none. */
  BigInteger last() {
    return continuation == null ? fetched.sequence() : continuation.max(fetched.sequence());
  }

  /** An iterator is of no use any more. */
  void renew() {
    if (continuation == null) {
      reopen();
    } else {
      iterator = null;
    }
  }

  /** Begins anew behind what was fetched. */
  void reopen() {
    iterator = null;
    continuation = null;
    horizon = null;
    expected = fetched.equals(KinesisId.ORIGIN) ? expected : fetched;
  }

  /** Takes in what was read of one record. */
  void add(KinesisRecords.Content content, KinesisId start, Record read) {
    KinesisId end = new KinesisId(start.sequence(), KinesisId.ALL);
    List<SourceRecord> messages = content.messages();
    if (start.sequence().equals(fetched.sequence())) {
      KinesisId before = fetched;
      messages =
          messages.stream()
              .filter(each -> KinesisId.of(each.position()).compareTo(before) > 0)
              .toList();
    }
    fetched = end;
    waiting.add(new Fetched(messages, end, 0));
    waitingMessages += messages.size();
    waitingBytes += read.data().asByteArrayUnsafe().length;
  }

  boolean isHeldBack() {
    return paused || gone;
  }

  /** What is to be told now, this many messages at most. */
  List<SourceRecord> take(int most) {
    List<SourceRecord> taken = new ArrayList<>();
    for (Fetched next = waiting.peek(); next != null; next = waiting.peek()) {
      int room = most - taken.size();
      int left = next.messages.size() - next.from;
      if (left > room) {
        if (room > 0) {
          taken.addAll(next.messages.subList(next.from, next.from + room));
          waiting.poll();
          waiting.addFirst(new Fetched(next.messages, next.end, next.from + room));
          told = KinesisId.of(taken.get(taken.size() - 1).position());
        }
        break;
      }
      waiting.poll();
      taken.addAll(next.messages.subList(next.from, next.messages.size()));
      told = next.end;
    }
    waitingMessages -= taken.size();
    if (waiting.isEmpty()) {
      waitingBytes = 0;
    }
    return taken;
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }
}
