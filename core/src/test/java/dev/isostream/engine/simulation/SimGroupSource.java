package dev.isostream.engine.simulation;

import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.Lane;
import dev.isostream.spi.LaneCommit;
import dev.isostream.spi.SourceListener;
import dev.isostream.spi.StoredCursor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A member's source as its process has it. */
final class SimGroupSource extends SimSource implements GroupSource {

  private final SimGroup group;
  private final GroupSpec spec;
  private final Deque<Consumer<SourceListener>> inbox = new ArrayDeque<>();
  private final Set<Lane> lanes = new LinkedHashSet<>();
  private final Map<Lane, List<SimRecord>> openByLane = new LinkedHashMap<>();
  private long lastHeard;
  private long lastToldAt;
  private boolean committing;

  SimGroupSource(SimBroker broker, SimProcess process, SimGroup group, GroupSpec spec) {
    super(broker, process, group.topic, group, spec.maxPollRecords());
    this.group = group;
    this.spec = spec;
    this.lastHeard = broker.world.now();
    if (group.topic.shape.assigns()) {
      join();
    }
  }

  private void join() {
    broker.after(
        null,
        () -> {
          if (!process.isDead() && !isClosed()) {
            lastHeard = broker.world.now();
            group.coordinator.join(this);
          }
        });
  }

  String memberId() {
    return spec.memberId();
  }

  long lastHeard() {
    return lastHeard;
  }

  // --- from the broker

  /** Tells its listener of something, with its next poll. */
  void tell(Consumer<SourceListener> what) {
    // One connection: nothing overtakes what was said before.
    long at = broker.world.now() + broker.faults.latency(broker.world);
    lastToldAt = Math.max(lastToldAt + 1, at);
    broker.world.after(process, lastToldAt - broker.world.now(), () -> inbox.add(what));
  }

  void assign(Lane lane, @Nullable StoredCursor stored) {
    StoredCursor cursor = stored == null ? null : broker.breakage.handed(stored);
    tell(
        listener -> {
          lanes.add(lane);
          listener.assigned(lane, cursor);
        });
  }

  /** It was thought dead: what it has is lost, and it joins anew. */
  void evicted() {
    broker.world.trace("broker: evicted %s", memberId());
    tell(
        listener -> {
          List<Lane> had = List.copyOf(lanes);
          lanes.clear();
          for (Lane lane : had) {
            stop(lane);
            listener.lost(lane);
          }
          join();
        });
  }

  // --- from the engine

  @Override
  public void poll(Duration maxWait, SourceListener listener) {
    checkOpen();
    lastHeard = broker.world.now();
    Consumer<SourceListener> next;
    while ((next = inbox.poll()) != null) {
      next.accept(listener);
    }
    super.poll(maxWait, listener);
  }

  @Override
  void told(Lane lane, List<SimRecord> records) {
    openByLane.keySet().removeIf(l -> l.name().equals(lane.name()) && l.epoch() < lane.epoch());
    List<SimRecord> open = openByLane.computeIfAbsent(lane, l -> new ArrayList<>());
    open.addAll(records);
    int held = 0;
    for (Map.Entry<Lane, List<SimRecord>> each : openByLane.entrySet()) {
      each.getValue().removeIf(message -> broker.history.isOver(group, message, memberId()));
      held += each.getValue().size();
    }
    broker.history.held(group, memberId(), held, openByLane.size(), spec.maxPollRecords());
  }

  @Override
  public void stop(Lane lane) {
    super.stop(lane);
    openByLane.remove(lane);
  }

  @Override
  public CompletionStage<Map<Lane, CommitOutcome>> commit(List<LaneCommit> commits) {
    checkOpen();
    if (committing) {
      broker.history.violation("SPI", memberId() + " has two commits in flight");
    }
    committing = true;
    broker.world.trace(
        "%s: commits %s", memberId(), commits.stream().map(LaneCommit::lane).toList());
    boolean lost = broker.world.chance(broker.faults.commitLost);
    boolean replyLost = broker.world.chance(broker.faults.commitReplyLost);
    CompletableFuture<Map<Lane, CommitOutcome>> answer = new CompletableFuture<>();
    List<LaneCommit> sent = List.copyOf(commits);
    broker.after(
        null,
        () -> {
          Map<Lane, CommitOutcome> outcomes = new HashMap<>();
          if (!lost) {
            sent.forEach(commit -> outcomes.put(commit.lane(), store(commit)));
          }
          boolean fails = (lost || replyLost) && !broker.breakage.confirmsLostCommits();
          if (lost && !fails) {
            sent.forEach(commit -> outcomes.put(commit.lane(), new CommitOutcome.Stored()));
          }
          broker.after(process, () -> complete(answer, fails ? null : outcomes));
        });
    return answer;
  }

  private CommitOutcome store(LaneCommit commit) {
    DriverException why = group.store(memberId(), commit);
    return why == null ? new CommitOutcome.Stored() : new CommitOutcome.Failed(why);
  }

  private void complete(
      CompletableFuture<Map<Lane, CommitOutcome>> answer,
      @Nullable Map<Lane, CommitOutcome> outcomes) {
    committing = false;
    broker.world.trace("%s: committed %s", memberId(), outcomes != null);
    if (outcomes != null) {
      answer.complete(outcomes);
    } else {
      answer.completeExceptionally(new DriverException(ErrorKind.UNAVAILABLE, "simulated", null));
    }
  }

  @Override
  public void release(Lane lane) {
    broker.world.trace("%s: releases %s", memberId(), lane);
    lanes.remove(lane);
    stop(lane);
    broker.after(null, () -> group.coordinator.release(this, lane));
  }

  @Override
  public void close() {
    if (!isClosed()) {
      super.close();
      broker.after(null, () -> group.coordinator.leave(this));
    }
  }
}
