package dev.isostream.engine.testing;

import dev.isostream.Position;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.Lane;
import dev.isostream.spi.LaneCommit;
import dev.isostream.spi.Place;
import dev.isostream.spi.SourceListener;
import dev.isostream.spi.StoredCursor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A member's source over a {@link FakeLog}: lanes come and go as a test says, and commits are
 * stored at once, kept, or fail, as it says. Confined to one thread.
 */
public final class FakeGroupSource implements GroupSource {

  private final FakeLog log;
  private final Deque<Consumer<SourceListener>> inbox = new ArrayDeque<>();
  private final Map<Lane, Long> next = new LinkedHashMap<>();
  private final Set<Lane> paused = new HashSet<>();
  private final Set<Lane> fenced = new HashSet<>();
  private final Map<String, StoredCursor> stored = new HashMap<>();
  private final List<Lane> released = new ArrayList<>();
  private @Nullable DriverException commitThrows;
  private boolean holding;
  private @Nullable Held held;
  private final List<Lane> committed = new ArrayList<>();
  private final List<List<Position>> begun = new ArrayList<>();
  private int longestState;
  private boolean polling;
  private boolean closed;
  private boolean closedInPoll;
  private int wakeups;

  /** A commit that waits for its answer. */
  private record Held(
      List<LaneCommit> commits, CompletableFuture<Map<Lane, CommitOutcome>> answer) {}

  FakeGroupSource(FakeLog log) {
    this.log = log;
  }

  // --- what a test says

  /** Tells the member of something with its next poll. */
  public void tell(Consumer<SourceListener> what) {
    inbox.add(what);
  }

  /** Gives the member a lane, with the cursor that is stored of it. */
  public Lane assign(String name, long epoch) {
    Lane lane = new Lane(name, epoch, name.equals("0"));
    tell(listener -> listener.assigned(lane, stored.get(name)));
    return lane;
  }

  /** What the next commit throws, once. */
  public void commitThrows(DriverException failure) {
    commitThrows = failure;
  }

  /** Whether this lane is another's by now, which only commits show. */
  public void fence(Lane lane) {
    fenced.add(lane);
  }

  /** The lanes that are being read. */
  public Set<Lane> reading() {
    return Set.copyOf(next.keySet());
  }

  /** Whether commits wait for {@link #answer}. */
  public void holding(boolean on) {
    holding = on;
  }

  /** Stores the commit that is kept. */
  public void answer() {
    Held known = held;
    held = null;
    if (known != null) {
      known.answer.complete(store(known.commits));
    }
  }

  /** Fails the commit that is kept. */
  public void fail(DriverException failure) {
    Held known = held;
    held = null;
    if (known != null) {
      known.answer.completeExceptionally(failure);
    }
  }

  /** The lanes of all commits, in turn. */
  public List<Lane> committed() {
    return List.copyOf(committed);
  }

  /** What each commit of a lane said to be begun with, in turn. */
  public List<List<Position>> begun() {
    return List.copyOf(begun);
  }

  /** The most bytes of state that any commit had. */
  public int longestState() {
    return longestState;
  }

  public Map<String, StoredCursor> stored() {
    return stored;
  }

  public List<Lane> released() {
    return List.copyOf(released);
  }

  /** The names of the lanes that are paused now. */
  public Set<String> paused() {
    Set<String> names = new HashSet<>();
    paused.forEach(lane -> names.add(lane.name()));
    return names;
  }

  public boolean isClosed() {
    return closed;
  }

  /** Whether it was closed by its listener, from inside a poll. */
  public boolean wasClosedInPoll() {
    return closedInPoll;
  }

  public int wakeups() {
    return wakeups;
  }

  // --- what the engine says

  @Override
  public void poll(Duration maxWait, SourceListener listener) {
    polling = true;
    try {
      for (Consumer<SourceListener> what = inbox.poll(); what != null; what = inbox.poll()) {
        what.accept(listener);
      }
      for (Lane lane : List.copyOf(next.keySet())) {
        if (!paused.contains(lane)) {
          tellRecords(lane, listener);
        }
      }
    } finally {
      polling = false;
    }
  }

  private void tellRecords(Lane lane, SourceListener listener) {
    FakeLog.Partition partition = log.partition(lane.name());
    long offset = next.getOrDefault(lane, 0L);
    List<FakeRecord> records = new ArrayList<>();
    while (offset < partition.end()) {
      FakeRecord one = partition.all.get((int) offset++);
      if (one != null) {
        records.add(one);
      }
    }
    next.put(lane, offset);
    if (!records.isEmpty()) {
      listener.records(lane, records);
    }
  }

  @Override
  public CompletionStage<Map<Lane, CommitOutcome>> commit(List<LaneCommit> commits) {
    DriverException failure = commitThrows;
    if (failure != null) {
      commitThrows = null;
      throw failure;
    }
    if (held != null) {
      throw new AssertionError("two commits in flight");
    }
    for (LaneCommit commit : commits) {
      committed.add(commit.lane());
      begun.add(commit.begun());
      longestState = Math.max(longestState, commit.cursor().state().length);
    }
    CompletableFuture<Map<Lane, CommitOutcome>> answer = new CompletableFuture<>();
    if (holding) {
      held = new Held(commits, answer);
    } else {
      answer.complete(store(commits));
    }
    return answer;
  }

  private Map<Lane, CommitOutcome> store(List<LaneCommit> commits) {
    Map<Lane, CommitOutcome> outcomes = new HashMap<>();
    for (LaneCommit commit : commits) {
      if (fenced.contains(commit.lane())) {
        DriverException why = new DriverException(ErrorKind.FENCED, "another's", null);
        outcomes.put(commit.lane(), new CommitOutcome.Failed(why));
        continue;
      }
      stored.put(commit.lane().name(), commit.cursor());
      outcomes.put(commit.lane(), new CommitOutcome.Stored());
    }
    return outcomes;
  }

  @Override
  public void read(Lane lane, Place place) {
    long from = 0;
    if (place instanceof Place.At at) {
      from = at.position().word(0);
    } else if (place instanceof Place.After after) {
      from = after.position().word(0) + 1;
    }
    next.put(lane, from);
  }

  @Override
  public void pause(Lane lane) {
    paused.add(lane);
  }

  @Override
  public void resume(Lane lane) {
    paused.remove(lane);
  }

  @Override
  public void stop(Lane lane) {
    next.remove(lane);
  }

  @Override
  public void release(Lane lane) {
    stop(lane);
    released.add(lane);
  }

  @Override
  public boolean hasReached(Lane lane, Place end) {
    throw new DriverException(ErrorKind.INVALID, "members don't ask that", null);
  }

  @Override
  public void wakeup() {
    wakeups++; // and nothing else: whoever calls poll here never waits
  }

  @Override
  public void close() {
    closed = true;
    closedInPoll |= polling;
  }
}
