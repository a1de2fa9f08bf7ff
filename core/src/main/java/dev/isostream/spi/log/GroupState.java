package dev.isostream.spi.log;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A group: who owns which lane, its cursors, and who gave a sign of life. Operations are applied in
 * the order of the group's log, by everybody, with the same outcome.
 *
 * <p>The fence (contract G7): a commit counts only for the owner, under the lease's epoch, and with
 * a higher number than the one before. An acquire changes the epoch; so whatever a former owner
 * wrote lies before the acquire, where the new owner has read it, or behind, where it comes to
 * nothing.
 */
public final class GroupState implements LogState {

  private static final int VERSION = 1;

  private static final int HEARTBEAT = 1;
  private static final int ACQUIRE = 2;
  private static final int RENEW = 3;
  private static final int WANT = 4;
  private static final int RELEASE = 5;
  private static final int LEAVE = 6;
  private static final int COMMIT = 7;
  private static final int RESET = 8;
  private static final int DELETE = 9;
  private static final int LOOK = 10;

  /** A member without a lane that was silent for so long is forgotten. */
  private static final long FORGET_MILLIS = 600_000;

  private final Map<String, Lane> lanes = new TreeMap<>();
  private final Map<String, Member> members = new TreeMap<>();
  private boolean deleted;

  /** Tells the last reset from others, since one may be stored twice. */
  private long lastReset;

  /** Nobody, and nothing. */
  public GroupState() {}

  /**
   * A lane.
   *
   * @param commit number of the last commit under this epoch
   * @param cursor null where there is none
   */
  record Lane(
      long epoch,
      long version,
      @Nullable String owner,
      @Nullable String wantedBy,
      long commit,
      @Nullable Cursor cursor) {

    static final Lane NEW = new Lane(0, 0, null, null, 0, null);
  }

  /**
   * A cursor.
   *
   * @param kind whether it is at a message, behind one, or at the origin
   * @param words of that message's position
   * @param state the engine's bytes
   */
  record Cursor(int kind, long[] words, byte[] state) {
    static final int AT = 1;
    static final int AFTER = 2;
    static final int ORIGIN = 3;
  }

  /** A member's sign of life. */
  record Member(long version, long lastSeen) {}

  /** Everything, as of an operation. */
  record View(Map<String, Lane> lanes, Map<String, Member> members, long timestamp) {}

  /** A commit for one lane. */
  record Commit(String lane, long epoch, Cursor cursor) {}

  /** What an operation came to that was refused. */
  enum Refusal {
    /** Something has changed since. */
    CHANGED,
    /** There are live members. */
    ACTIVE,
    /** The group was deleted. */
    DELETED
  }

  // ---- operations as bytes

  private static LogBytes begin(int operation) {
    return new LogBytes().octet(VERSION).octet(operation);
  }

  /** Comes to a {@link View}. */
  static byte[] heartbeat(String member) {
    return begin(HEARTBEAT).text(member).done();
  }

  /** Comes to the {@link Lane} as it is then, or to {@link Refusal#CHANGED}. */
  static byte[] acquire(
      String lane, long epoch, long version, @Nullable String owner, String member) {
    return begin(ACQUIRE).text(lane).number(epoch).number(version).text(owner).text(member).done();
  }

  /** Comes to a {@link View}. */
  static byte[] renew(String member, Map<String, Long> epochs) {
    LogBytes bytes = begin(RENEW).text(member).number(epochs.size());
    epochs.forEach((lane, epoch) -> bytes.text(lane).number(epoch));
    return bytes.done();
  }

  static byte[] want(String lane, long epoch, String member) {
    return begin(WANT).text(lane).number(epoch).text(member).done();
  }

  static byte[] release(String lane, long epoch, String member) {
    return begin(RELEASE).text(lane).number(epoch).text(member).done();
  }

  static byte[] leave(String member) {
    return begin(LEAVE).text(member).done();
  }

  /**
   * Comes to a list of whether each was stored.
   *
   * @param number higher than that of the member's commits before
   */
  static byte[] commit(String member, long number, List<Commit> commits) {
    LogBytes bytes = begin(COMMIT).text(member).number(number).number(commits.size());
    for (Commit each : commits) {
      bytes.text(each.lane).number(each.epoch);
      write(bytes, each.cursor);
    }
    return bytes.done();
  }

  /**
   * Comes to true, or to {@link Refusal#ACTIVE}.
   *
   * @param id tells it from others
   */
  static byte[] reset(long id, long activeMillis, Map<String, Cursor> cursors) {
    LogBytes bytes = begin(RESET).number(id).number(activeMillis).number(cursors.size());
    cursors.forEach(
        (lane, cursor) -> {
          bytes.text(lane);
          write(bytes, cursor);
        });
    return bytes.done();
  }

  /** Comes to true, or to {@link Refusal#ACTIVE}. */
  static byte[] delete(long activeMillis) {
    return begin(DELETE).number(activeMillis).done();
  }

  /** Comes to a {@link View}. */
  static byte[] look() {
    return begin(LOOK).done();
  }

  private static void write(LogBytes bytes, @Nullable Cursor cursor) {
    if (cursor == null) {
      bytes.octet(0);
    } else {
      bytes.octet(cursor.kind).number(cursor.words.length);
      for (long word : cursor.words) {
        bytes.number(word);
      }
      bytes.block(cursor.state);
    }
  }

  private static @Nullable Cursor cursor(ByteBuffer in) {
    int kind = LogBytes.octet(in);
    if (kind == 0) {
      return null;
    }
    long[] words = new long[LogBytes.count(in)]; // no more than there are bytes
    for (int i = 0; i < words.length; i++) {
      words[i] = LogBytes.number(in);
    }
    return new Cursor(kind, words, LogBytes.block(in));
  }

  // ---- applying

  @Override
  public @Nullable Object apply(ByteBuffer in, long timestamp) {
    try {
      if (LogBytes.octet(in) != VERSION) {
        return null;
      }
      int operation = LogBytes.octet(in);
      return deleted ? Refusal.DELETED : apply(operation, in, timestamp);
    } catch (LogBytes.MalformedException e) {
      return null; // anybody can write here (contract E5)
    }
  }

  /** Only what asks who is live depends on the time. */
  @Override
  public boolean dependsOnTime(ByteBuffer in) {
    try {
      LogBytes.octet(in);
      int operation = LogBytes.octet(in);
      return operation == RESET || operation == DELETE || operation == LOOK;
    } catch (LogBytes.MalformedException e) {
      return true;
    }
  }

  @Override
  public void timed(ByteBuffer in, long timestamp) {
    try {
      LogBytes.octet(in);
      int operation = LogBytes.octet(in);
      String member =
          switch (operation) {
            case HEARTBEAT, RENEW, COMMIT -> LogBytes.text(in);
            case ACQUIRE -> {
              LogBytes.text(in);
              LogBytes.number(in);
              LogBytes.number(in);
              LogBytes.textOrNull(in);
              yield LogBytes.text(in);
            }
            default -> null;
          };
      Member known = member == null ? null : members.get(member);
      if (member != null && known != null) {
        members.put(member, new Member(known.version, timestamp));
      }
    } catch (LogBytes.MalformedException e) {
      // it changed nothing either
    }
  }

  private @Nullable Object apply(int operation, ByteBuffer in, long timestamp) {
    return switch (operation) {
      case HEARTBEAT -> {
        seen(LogBytes.text(in), timestamp);
        forget(timestamp);
        yield view(timestamp);
      }
      case ACQUIRE -> acquire(in, timestamp);
      case RENEW -> renew(in, timestamp);
      case WANT -> want(in);
      case RELEASE -> release(in);
      case LEAVE -> {
        members.remove(LogBytes.text(in));
        yield true;
      }
      case COMMIT -> commit(in, timestamp);
      case RESET -> reset(in, timestamp);
      case DELETE -> delete(in, timestamp);
      case LOOK -> view(timestamp);
      default -> null;
    };
  }

  private View view(long timestamp) {
    return new View(Map.copyOf(lanes), Map.copyOf(members), timestamp);
  }

  private void seen(String member, long timestamp) {
    Member before = members.get(member);
    members.put(member, new Member(before == null ? 1 : before.version + 1, timestamp));
  }

  private void forget(long timestamp) {
    members
        .entrySet()
        .removeIf(
            member ->
                timestamp - member.getValue().lastSeen > FORGET_MILLIS
                    && lanes.values().stream().noneMatch(l -> member.getKey().equals(l.owner)));
  }

  private Lane lane(String name) {
    return lanes.getOrDefault(name, Lane.NEW);
  }

  private Object acquire(ByteBuffer in, long timestamp) {
    String name = LogBytes.text(in);
    long epoch = LogBytes.number(in);
    long version = LogBytes.number(in);
    String owner = LogBytes.textOrNull(in);
    String member = LogBytes.text(in);
    Lane before = lane(name);
    if (before.epoch != epoch
        || before.version != version
        || !Objects.equals(before.owner, owner)) {
      return Refusal.CHANGED;
    }
    Lane after = new Lane(epoch + 1, version + 1, member, null, 0, before.cursor);
    lanes.put(name, after);
    if (owner != null && lanes.values().stream().noneMatch(lane -> owner.equals(lane.owner))) {
      members.remove(owner); // given up by the group; if it lives, it will say so
    }
    seen(member, timestamp);
    return after;
  }

  private Object renew(ByteBuffer in, long timestamp) {
    String member = LogBytes.text(in);
    int count = LogBytes.count(in);
    for (int i = 0; i < count; i++) {
      String name = LogBytes.text(in);
      long epoch = LogBytes.number(in);
      Lane held = owned(name, epoch, member);
      if (held != null) {
        lanes.put(
            name,
            new Lane(epoch, held.version + 1, member, held.wantedBy, held.commit, held.cursor));
      }
    }
    seen(member, timestamp);
    return view(timestamp);
  }

  private @Nullable Lane owned(String name, long epoch, String member) {
    Lane lane = lane(name);
    return lane.epoch == epoch && member.equals(lane.owner) ? lane : null;
  }

  private Object want(ByteBuffer in) {
    String name = LogBytes.text(in);
    long epoch = LogBytes.number(in);
    String member = LogBytes.text(in);
    Lane held = lane(name);
    if (held.epoch == epoch && held.owner != null) {
      lanes.put(name, new Lane(epoch, held.version, held.owner, member, held.commit, held.cursor));
    }
    return true;
  }

  private Object release(ByteBuffer in) {
    String name = LogBytes.text(in);
    long epoch = LogBytes.number(in);
    Lane held = owned(name, epoch, LogBytes.text(in));
    if (held != null) {
      lanes.put(name, new Lane(epoch, held.version + 1, null, null, held.commit, held.cursor));
    }
    return true;
  }

  private Object commit(ByteBuffer in, long timestamp) {
    String member = LogBytes.text(in);
    long number = LogBytes.number(in);
    int count = LogBytes.count(in);
    List<Boolean> stored = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      String name = LogBytes.text(in);
      long epoch = LogBytes.number(in);
      Cursor cursor = cursor(in);
      Lane held = owned(name, epoch, member);
      boolean counts = held != null && cursor != null && number > held.commit;
      if (held != null && counts) {
        lanes.put(name, new Lane(epoch, held.version, member, held.wantedBy, number, cursor));
      }
      stored.add(counts);
    }
    Member known = members.get(member);
    if (known != null) {
      members.put(member, new Member(known.version, timestamp));
    }
    return stored;
  }

  private boolean isActive(long activeMillis, long timestamp) {
    return members.values().stream().anyMatch(m -> timestamp - m.lastSeen < activeMillis);
  }

  private Object reset(ByteBuffer in, long timestamp) {
    long id = LogBytes.number(in);
    long activeMillis = LogBytes.number(in);
    int count = LogBytes.count(in);
    Map<String, Cursor> cursors = new HashMap<>();
    for (int i = 0; i < count; i++) {
      String name = LogBytes.text(in);
      Cursor cursor = cursor(in);
      if (cursor != null) {
        cursors.put(name, cursor);
      }
    }
    if (id == lastReset) {
      return true;
    }
    if (isActive(activeMillis, timestamp)) {
      return Refusal.ACTIVE;
    }
    lastReset = id;
    members.clear();
    lanes.replaceAll(
        (name, lane) -> new Lane(lane.epoch + 1, lane.version + 1, null, null, 0, lane.cursor));
    cursors.forEach(
        (name, cursor) -> {
          Lane lane = lane(name);
          lanes.put(name, new Lane(lane.epoch + 1, lane.version + 1, null, null, 0, cursor));
        });
    return true;
  }

  private Object delete(ByteBuffer in, long timestamp) {
    if (isActive(LogBytes.number(in), timestamp)) {
      return Refusal.ACTIVE;
    }
    deleted = true;
    return true;
  }

  // ---- all of it as bytes

  @Override
  public byte[] write() {
    LogBytes bytes = new LogBytes().octet(VERSION).octet(deleted ? 1 : 0);
    bytes.number(lastReset).number(lanes.size());
    lanes.forEach(
        (name, lane) -> {
          bytes
              .text(name)
              .number(lane.epoch)
              .number(lane.version)
              .text(lane.owner)
              .text(lane.wantedBy)
              .number(lane.commit);
          write(bytes, lane.cursor);
        });
    bytes.number(members.size());
    members.forEach(
        (name, member) -> bytes.text(name).number(member.version).number(member.lastSeen));
    return bytes.done();
  }

  @Override
  public void read(byte[] written) {
    ByteBuffer in = ByteBuffer.wrap(written);
    lanes.clear();
    members.clear();
    try {
      LogBytes.octet(in);
      deleted = LogBytes.octet(in) == 1;
      lastReset = LogBytes.number(in);
      int laneCount = LogBytes.count(in);
      for (int i = 0; i < laneCount; i++) {
        lanes.put(
            LogBytes.text(in),
            new Lane(
                LogBytes.number(in),
                LogBytes.number(in),
                LogBytes.textOrNull(in),
                LogBytes.textOrNull(in),
                LogBytes.number(in),
                cursor(in)));
      }
      int memberCount = LogBytes.count(in);
      for (int i = 0; i < memberCount; i++) {
        members.put(LogBytes.text(in), new Member(LogBytes.number(in), LogBytes.number(in)));
      }
    } catch (LogBytes.MalformedException e) {
      // what could be read is what there is; every reader of the stream gets the same
    }
  }
}
