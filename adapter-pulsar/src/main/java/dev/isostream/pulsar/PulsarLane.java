package dev.isostream.pulsar;

import dev.isostream.Position;
import dev.isostream.spi.Lane;
import dev.isostream.spi.Place;
import dev.isostream.spi.SourceRecord;
import java.util.ArrayList;
import java.util.List;
import org.apache.pulsar.client.api.Message;
import org.apache.pulsar.client.api.MessageIdAdv;
import org.apache.pulsar.client.api.PulsarClientException;
import org.apache.pulsar.client.api.Reader;
import org.apache.pulsar.client.impl.ConsumerImpl;
import org.jspecify.annotations.Nullable;

/**
 * One lane that is being read. Guarded by its source's lock.
 *
 * <p>The client fetches ahead into a queue of its own. While something is there it is taken from
 * there; when it was found empty, the client is asked to tell of the next one.
 */
final class PulsarLane {

  /** What the first message that comes has to say. */
  private enum Start {
    /** Nothing: there may be any, or none. */
    ANYWHERE,
    /** That the message is there that the place names. */
    AT,
    /** The same; it is passed over. */
    AFTER,
    /** The place names none that can be: whatever comes is another one. */
    NOWHERE
  }

  final Lane lane;
  final PulsarTopic.Partition partition;

  /** Counts the places that were gone to: what belongs to a former one is dropped. */
  int generation;

  boolean paused;

  /** The place is gone: stands still until the engine says where to go on. */
  boolean gone;

  /** Whether a reader is there or on its way. */
  boolean opening;

  @Nullable Reader<byte[]> reader;
  private @Nullable ConsumerImpl<byte[]> consumer;

  /** Whether the client was asked to tell of the next message. */
  private boolean asked;

  /** What it told. */
  private @Nullable Message<byte[]> told;

  private static final int FIRST_QUEUE = 16;

  /** How far a queue may be off before another reader is worth it. */
  private static final int TOLERANCE = 4;

  /** Of the messages told, so that their size is known. */
  private long seen;

  private long seenBytes;
  private int queue = FIRST_QUEUE;

  private Start start = Start.ANYWHERE;
  private @Nullable Position wanted;

  /** The message told last of this reader; -1 for none. */
  private long lastLedger = -1;

  private long lastEntry = -1;
  private long lastIndex = -1;

  /** Everything up to here was told. */
  private Place place = Place.Origin.INSTANCE;

  PulsarLane(Lane lane, PulsarTopic.Partition partition) {
    this.lane = lane;
    this.partition = partition;
  }

  /** The former reader, to be closed; null where there is none. */
  @Nullable Reader<byte[]> goTo(Place to) {
    Reader<byte[]> former = reader;
    generation++;
    reader = null;
    consumer = null;
    opening = false;
    asked = false;
    told = null;
    gone = false;
    found = null;
    nothingLeft = false;
    lastLedger = -1;
    lastEntry = -1;
    lastIndex = -1;
    place = to;
    Position position = PulsarTopic.position(to);
    wanted = position;
    if (position == null) {
      start = Start.ANYWHERE;
    } else if (!PulsarTopic.isPossible(position)) {
      start = Start.NOWHERE;
    } else {
      start = to instanceof Place.At ? Start.AT : Start.AFTER;
    }
    return former;
  }

  /** Where reading has to begin again, if the reader is lost. */
  Place here() {
    return place;
  }

  /** The position whose entry comes first; null for the beginning. */
  @Nullable Position first() {
    return start == Start.NOWHERE ? null : wanted;
  }

  /** How many messages a reader that is opened now may fetch ahead. */
  int size(int most, long bytes) {
    queue = seen == 0 ? Math.min(FIRST_QUEUE, most) : wanted(most, bytes);
    return queue;
  }

  private int wanted(int most, long bytes) {
    return (int) Math.max(1, Math.min(most, bytes * seen / Math.max(1, seenBytes)));
  }

  /** Whether messages turned out to be much smaller or larger than the queue is made for. */
  boolean isOfWrongSize(int most, long bytes) {
    if (seen < FIRST_QUEUE) {
      return false;
    }
    int wanted = wanted(most, bytes);
    return wanted / TOLERANCE >= queue || queue / TOLERANCE >= wanted;
  }

  void opened(Reader<byte[]> made, ConsumerImpl<byte[]> its) {
    reader = made;
    consumer = its;
  }

  /** Whether something of it may be there to be told. */
  boolean isReady() {
    return !paused && !gone && consumer != null && !asked;
  }

  /** Null where the client was not asked, or has told already. */
  @Nullable ConsumerImpl<byte[]> toAsk() {
    if (!isReady() || told != null) {
      return null;
    }
    asked = true;
    return consumer;
  }

  void told(@Nullable Message<byte[]> message) {
    asked = false;
    told = message;
  }

  /** Takes what is there, so many at most. The first one may be another than was wanted. */
  List<SourceRecord> take(int room) throws PulsarClientException {
    List<SourceRecord> records = new ArrayList<>();
    ConsumerImpl<byte[]> its = consumer;
    Message<byte[]> last = null;
    while (its != null && records.size() < room && !gone) {
      Message<byte[]> message = told;
      told = null;
      if (message == null) {
        message = next(its);
      }
      if (message == null) {
        break;
      }
      if (isTold(message)) {
        continue; // a reader that connects again comes with the last one again
      }
      if (start == Start.ANYWHERE || accepts(message)) {
        SourceRecord record = new PulsarRecords.Stored(partition, message);
        records.add(record);
        seen++;
        seenBytes += record.sizeBytes();
        remember(message);
        last = message;
      }
    }
    if (last != null) {
      place = new Place.After(partition.position(last));
    }
    return records;
  }

  private boolean isTold(Message<byte[]> message) {
    MessageIdAdv id = (MessageIdAdv) message.getMessageId();
    if (id.getLedgerId() != lastLedger) {
      return id.getLedgerId() < lastLedger;
    }
    if (id.getEntryId() != lastEntry) {
      return id.getEntryId() < lastEntry;
    }
    return PulsarTopic.index(id) <= lastIndex;
  }

  private void remember(Message<byte[]> message) {
    MessageIdAdv id = (MessageIdAdv) message.getMessageId();
    lastLedger = id.getLedgerId();
    lastEntry = id.getEntryId();
    lastIndex = PulsarTopic.index(id);
  }

  /** What the client has fetched. */
  private static @Nullable Message<byte[]> next(ConsumerImpl<byte[]> its)
      throws PulsarClientException {
    return its.receive(0, java.util.concurrent.TimeUnit.MILLISECONDS);
  }

  /** The message that was found in the place of the one that was wanted. */
  private @Nullable Position found;

  private boolean nothingLeft;

  private boolean accepts(Message<byte[]> message) {
    Position position = partition.position(message);
    Position named = wanted;
    if (named == null || start == Start.NOWHERE) {
      return isAnother(position);
    }
    int order = position.compareTo(named);
    if (order < 0 && position.word(0) == named.word(0) && position.word(1) == named.word(1)) {
      return false; // of the same batch
    }
    if (order != 0) {
      return isAnother(position);
    }
    boolean at = start == Start.AT;
    start = Start.ANYWHERE;
    if (!at) {
      remember(message); // it comes again, too, when the reader connects again
    }
    return at;
  }

  private boolean isAnother(Position position) {
    gone = true;
    found = position;
    return false;
  }

  /** The message that stands where one is gone; null where there is none. */
  @Nullable Position takeFound() {
    Position other = found;
    found = null;
    return other;
  }

  /** Whether the place is gone and nothing is left behind it either; told once. */
  boolean takeNothingLeft() {
    boolean nothing = nothingLeft;
    nothingLeft = false;
    return nothing;
  }

  /** Where nothing is left, the message that the place names is gone; no other one will say so. */
  boolean hasReached(Place end) {
    if (gone) {
      return false;
    }
    Position last = PulsarTopic.position(end);
    if (last == null) {
      gone = start == Start.AT || start == Start.NOWHERE;
      nothingLeft = gone;
      return !gone;
    }
    if (start == Start.NOWHERE) {
      return false;
    }
    Place here = here();
    Position mine = PulsarTopic.position(here);
    if (mine == null || mine.wordCount() != last.wordCount()) {
      return false;
    }
    int order = mine.compareTo(last);
    if (here instanceof Place.At) {
      return end instanceof Place.At ? order >= 0 : order > 0;
    }
    return order >= 0;
  }
}
