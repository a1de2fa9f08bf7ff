package dev.isostream.spi.log;

import dev.isostream.spi.LeaseStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Leases in a group's log. Thread-safe. Blocks: never. */
final class LogLeases implements LeaseStore {

  private final LogGroup group;
  private final String memberId;

  LogLeases(LogGroup group, String memberId) {
    this.group = group;
    this.memberId = memberId;
  }

  @Override
  public CompletionStage<Table> list(String memberId) {
    return group.lanes().thenCombine(group.view(GroupState.heartbeat(memberId)), LogLeases::table);
  }

  private static Table table(LogLanes lanes, GroupState.View view) {
    List<Lease> leases = new ArrayList<>();
    for (String name : lanes.names()) {
      leases.add(lease(lanes, name, view.lanes().getOrDefault(name, GroupState.Lane.NEW)));
    }
    List<Heartbeat> members = new ArrayList<>();
    view.members().forEach((id, member) -> members.add(new Heartbeat(id, member.version())));
    return new Table(leases, members);
  }

  private static Lease lease(LogLanes lanes, String name, GroupState.Lane lane) {
    boolean anchor = name.equals(lanes.names().get(0));
    return lease(name, anchor, lane);
  }

  private static Lease lease(String name, boolean anchor, GroupState.Lane lane) {
    return new Lease(name, anchor, lane.epoch(), lane.version(), lane.owner(), lane.wantedBy());
  }

  @Override
  public CompletionStage<@Nullable Acquired> acquire(Lease seen, String memberId) {
    byte[] operation =
        GroupState.acquire(seen.lane(), seen.epoch(), seen.version(), seen.owner(), memberId);
    return group
        .lanes()
        .thenCompose(
            lanes ->
                group.<@Nullable Acquired>submit(
                    operation,
                    outcome ->
                        outcome instanceof GroupState.Lane lane
                            ? acquired(lanes, seen, lane)
                            : null));
  }

  private static Acquired acquired(LogLanes lanes, Lease seen, GroupState.Lane lane) {
    GroupState.Cursor cursor = lane.cursor();
    return new Acquired(
        lease(seen.lane(), seen.anchor(), lane),
        cursor == null ? null : LogGroup.cursor(lanes, seen.lane(), cursor));
  }

  @Override
  public CompletionStage<List<Lease>> renew(List<Lease> leases, Duration ttl) {
    Map<String, Long> epochs = new HashMap<>();
    leases.forEach(lease -> epochs.put(lease.lane(), lease.epoch()));
    return group
        .view(GroupState.renew(memberId, epochs))
        .thenApply(
            view -> {
              List<Lease> held = new ArrayList<>();
              for (Lease lease : leases) {
                GroupState.Lane lane = view.lanes().get(lease.lane());
                if (lane != null
                    && lane.epoch() == lease.epoch()
                    && memberId.equals(lane.owner())) {
                  held.add(lease(lease.lane(), lease.anchor(), lane));
                }
              }
              return held;
            });
  }

  @Override
  public CompletionStage<Void> want(Lease seen, String memberId) {
    return group.done(GroupState.want(seen.lane(), seen.epoch(), memberId));
  }

  @Override
  public CompletionStage<Void> release(Lease lease) {
    return group.done(GroupState.release(lease.lane(), lease.epoch(), memberId));
  }

  @Override
  public CompletionStage<Void> leave(String memberId) {
    return group.done(GroupState.leave(memberId));
  }
}
