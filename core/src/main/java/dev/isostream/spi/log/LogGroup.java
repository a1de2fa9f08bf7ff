package dev.isostream.spi.log;

import dev.isostream.GroupAdmin;
import dev.isostream.Position;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.ExceptionTranslator;
import dev.isostream.spi.GroupSource.CommitOutcome;
import dev.isostream.spi.Lane;
import dev.isostream.spi.LaneCommit;
import dev.isostream.spi.LeaseStore;
import dev.isostream.spi.Place;
import dev.isostream.spi.StoredCursor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A group, by its log. Thread-safe, but for {@link #commit}. Blocks: never. */
public final class LogGroup implements AutoCloseable {

  /** Operations are kept smaller, so that no broker's limit is in the way. */
  private static final int MOST_BYTES = 512 << 10;

  private static final int FRAME_BYTES = 256;

  private final String doing;
  private final OperationLog log;
  private final Supplier<? extends CompletionStage<? extends LogLanes>> lanes;
  private final ExceptionTranslator errors;

  /** The committing thread's. */
  private long commits;

  /**
   * What a group is like.
   *
   * @param members those that are live
   * @param cursors by lane
   */
  public record Described(List<GroupAdmin.Member> members, Map<String, StoredCursor> cursors) {
    public Described {
      members = List.copyOf(members);
      cursors = Map.copyOf(cursors);
    }
  }

  /**
   * Opens nothing.
   *
   * @param log of one {@link GroupState}; closed with this
   * @param lanes looks for the topic's, as they are now
   */
  public LogGroup(
      String topic,
      String group,
      OperationLog log,
      Supplier<? extends CompletionStage<? extends LogLanes>> lanes,
      ExceptionTranslator errors) {
    this.doing = doing(topic, group);
    this.log = log;
    this.lanes = lanes;
    this.errors = errors;
  }

  /** What is told of failures, the beginning of a sentence. */
  public static String doing(String topic, String group) {
    return "Keeping group \"" + group + "\" of topic \"" + topic + "\"";
  }

  /** The leases of this group, for one member. */
  public LeaseStore leases(String memberId) {
    return new LogLeases(this, memberId);
  }

  CompletionStage<? extends LogLanes> lanes() {
    return lanes.get();
  }

  // ---- operations

  /**
   * Appends an operation.
   *
   * @param outcome of what it came to, if it was not refused
   */
  <T extends @Nullable Object> CompletableFuture<T> submit(
      byte[] operation, Function<@Nullable Object, T> outcome) {
    return log.submit(operation)
        .thenApply(
            result -> {
              if (result == GroupState.Refusal.DELETED) {
                throw errors.of(ErrorKind.GROUP_NOT_FOUND, doing, null);
              }
              if (result == GroupState.Refusal.ACTIVE) {
                throw errors.of(ErrorKind.GROUP_ACTIVE, doing, null);
              }
              return outcome.apply(result);
            });
  }

  /** As {@link #submit}; one that comes to nothing that was meant is a fault of this code. */
  CompletableFuture<Void> done(byte[] operation) {
    return submit(
        operation,
        outcome -> {
          if (outcome == null) {
            throw errors.of(ErrorKind.UNKNOWN, doing, null);
          }
          return null;
        });
  }

  CompletableFuture<GroupState.View> view(byte[] operation) {
    return submit(
        operation,
        result -> {
          if (result instanceof GroupState.View view) {
            return view;
          }
          throw errors.of(ErrorKind.UNKNOWN, doing, null);
        });
  }

  /**
   * Stores cursors; see {@link dev.isostream.spi.GroupSource#commit}. By one thread at a time.
   *
   * @param memberId whose commits these are; all of this group are one member's
   */
  public CompletionStage<Map<Lane, CommitOutcome>> commit(String memberId, List<LaneCommit> all) {
    CompletableFuture<Map<Lane, CommitOutcome>> outcomes =
        CompletableFuture.completedFuture(new HashMap<>());
    int from = 0;
    while (from < all.size()) {
      int to = from;
      int bytes = 0;
      while (to < all.size() && (to == from || bytes < MOST_BYTES)) {
        bytes += all.get(to).cursor().state().length + FRAME_BYTES;
        to++;
      }
      outcomes =
          outcomes.thenCombine(
              store(memberId, all.subList(from, to)),
              (before, more) -> {
                before.putAll(more);
                return before;
              });
      from = to;
    }
    return outcomes;
  }

  private CompletableFuture<Map<Lane, CommitOutcome>> store(
      String memberId, List<LaneCommit> commits) {
    List<GroupState.Commit> cursors = new ArrayList<>();
    for (LaneCommit commit : commits) {
      cursors.add(
          new GroupState.Commit(
              commit.lane().name(), commit.lane().epoch(), cursor(commit.cursor())));
    }
    return submit(
            GroupState.commit(memberId, ++this.commits, cursors),
            stored -> outcomes(commits, (List<?>) stored))
        .exceptionally(failure -> failed(commits, failure));
  }

  private Map<Lane, CommitOutcome> outcomes(List<LaneCommit> commits, @Nullable List<?> stored) {
    if (stored == null) {
      throw errors.of(ErrorKind.UNKNOWN, doing, null);
    }
    Map<Lane, CommitOutcome> outcomes = new HashMap<>();
    for (int i = 0; i < commits.size(); i++) {
      Lane lane = commits.get(i).lane();
      outcomes.put(
          lane,
          Boolean.TRUE.equals(stored.get(i))
              ? new CommitOutcome.Stored()
              : new CommitOutcome.Failed(
                  errors.of(
                      ErrorKind.FENCED, "Storing the cursor of partition " + lane.name(), null)));
    }
    return outcomes;
  }

  private Map<Lane, CommitOutcome> failed(List<LaneCommit> commits, Throwable failure) {
    Map<Lane, CommitOutcome> outcomes = new HashMap<>();
    for (LaneCommit commit : commits) {
      outcomes.put(
          commit.lane(), new CommitOutcome.Failed(errors.translate("Storing cursors", failure)));
    }
    return outcomes;
  }

  // ---- administration

  /**
   * What the group is like now. Fails with {@link ErrorKind#GROUP_NOT_FOUND} where it was deleted.
   *
   * @param active how old a live member's last sign of life may be
   */
  public CompletableFuture<Described> describe(Duration active) {
    return view(GroupState.look())
        .thenCombine(lanes.get(), (view, known) -> describe(view, known, active));
  }

  private static Described describe(GroupState.View view, LogLanes lanes, Duration active) {
    Map<String, StoredCursor> cursors = new HashMap<>();
    Map<String, Set<String>> shares = new HashMap<>();
    for (String name : lanes.names()) {
      GroupState.Lane lane = view.lanes().get(name);
      if (lane != null && lane.owner() != null) {
        shares.computeIfAbsent(lane.owner(), id -> new HashSet<>()).add(name);
      }
      if (lane != null && lane.cursor() != null) {
        cursors.put(name, cursor(lanes, name, lane.cursor()));
      }
    }
    List<GroupAdmin.Member> members = new ArrayList<>();
    view.members()
        .forEach(
            (id, member) -> {
              if (view.timestamp() - member.lastSeen() < active.toMillis()) {
                members.add(new GroupAdmin.Member(id, "", shares.getOrDefault(id, Set.of())));
              }
            });
    return new Described(members, cursors);
  }

  /**
   * Writes cursors; see {@link dev.isostream.spi.Admin#writeCursors}. Fails with {@link
   * ErrorKind#GROUP_ACTIVE} while a member is live, with {@link ErrorKind#INVALID} where a place is
   * none of the topic's.
   */
  public CompletionStage<Void> reset(Duration active, Map<String, StoredCursor> cursors) {
    Map<String, GroupState.Cursor> all = new HashMap<>();
    cursors.forEach((lane, cursor) -> all.put(lane, cursor(cursor)));
    long id = UUID.randomUUID().getMostSignificantBits();
    return lanes
        .get()
        .thenCompose(
            known -> {
              all.forEach((lane, cursor) -> cursor(known, lane, cursor)); // or it fails
              return done(GroupState.reset(id, active.toMillis(), all));
            });
  }

  /** Ends the group. Fails with {@link ErrorKind#GROUP_ACTIVE} while a member is live. */
  public CompletableFuture<Void> delete(Duration active) {
    return done(GroupState.delete(active.toMillis()));
  }

  // ---- cursors

  private static GroupState.Cursor cursor(StoredCursor cursor) {
    Place place = cursor.place();
    if (place instanceof Place.At at) {
      return new GroupState.Cursor(GroupState.Cursor.AT, words(at.position()), cursor.state());
    }
    if (place instanceof Place.After after) {
      return new GroupState.Cursor(
          GroupState.Cursor.AFTER, words(after.position()), cursor.state());
    }
    if (place instanceof Place.Origin) {
      return new GroupState.Cursor(GroupState.Cursor.ORIGIN, new long[0], cursor.state());
    }
    throw new IllegalArgumentException("not a place of a cursor: " + place);
  }

  private static long[] words(Position position) {
    long[] words = new long[position.wordCount()];
    for (int i = 0; i < words.length; i++) {
      words[i] = position.word(i);
    }
    return words;
  }

  static StoredCursor cursor(LogLanes lanes, String lane, GroupState.Cursor cursor) {
    Place place =
        switch (cursor.kind()) {
          case GroupState.Cursor.AT -> new Place.At(lanes.position(lane, cursor.words()));
          case GroupState.Cursor.AFTER -> new Place.After(lanes.position(lane, cursor.words()));
          default -> Place.Origin.INSTANCE;
        };
    return new StoredCursor(place, cursor.state());
  }

  @Override
  public void close() {
    log.close();
  }
}
