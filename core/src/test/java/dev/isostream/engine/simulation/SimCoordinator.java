package dev.isostream.engine.simulation;

import dev.isostream.spi.Lane;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Deals the lanes of one group out, where the broker does that. */
final class SimCoordinator {

  static final long SESSION = 5 * Faults.SECOND;
  private static final long LOOK = Faults.SECOND / 2;

  /** Beyond the drain limit of members, so long a revoked lane is waited for. */
  static final long PATIENCE = 40 * Faults.SECOND;

  private final SimBroker broker;
  private final SimGroup group;
  private final Map<String, SimGroupSource> members = new LinkedHashMap<>();
  private final Map<String, String> target = new HashMap<>();
  private final Map<String, Long> revokingSince = new HashMap<>();
  private boolean looking;

  SimCoordinator(SimBroker broker, SimGroup group) {
    this.broker = broker;
    this.group = group;
  }

  boolean hasMembers() {
    return !members.isEmpty();
  }

  void join(SimGroupSource member) {
    members.put(member.memberId(), member);
    broker.world.trace("broker: %s joined %s", member.memberId(), group.name);
    rebalance();
    look();
  }

  void leave(SimGroupSource member) {
    if (members.get(member.memberId()) == member) {
      remove(member, "left");
    }
  }

  private void remove(SimGroupSource member, String why) {
    members.remove(member.memberId());
    broker.world.trace("broker: %s %s %s", member.memberId(), why, group.name);
    for (SimLeases.Row row : group.table.rows().values()) {
      if (member.memberId().equals(row.owner)) {
        row.owner = null;
        revokingSince.remove(row.lane);
        broker.history.unassigned(group, row.lane, row.epoch, why.equals("left"));
      }
    }
    rebalance();
  }

  /** Deals out anew, at random but evenly. */
  void rebalance() {
    target.clear();
    List<String> dealt = new ArrayList<>(members.keySet());
    if (dealt.isEmpty()) {
      return;
    }
    Collections.shuffle(dealt, broker.world.random());
    List<SimLeases.Row> rows = new ArrayList<>(group.table.rows().values());
    int next = 0;
    for (SimLeases.Row row : rows) {
      target.put(row.lane, dealt.get(next++ % dealt.size()));
    }
    rows.forEach(this::move);
  }

  private void move(SimLeases.Row row) {
    String to = target.get(row.lane);
    String owner = row.owner;
    if (to == null || to.equals(owner) || revokingSince.containsKey(row.lane)) {
      return;
    }
    if (owner == null) {
      assign(row, to);
      return;
    }
    SimGroupSource from = members.get(owner);
    broker.world.trace("broker: %s/%s is to leave %s", group.name, row.lane, owner);
    broker.history.leaving(group, row.lane, row.epoch);
    revokingSince.put(row.lane, broker.world.now());
    Lane lane = new Lane(row.lane, row.epoch, row.anchor);
    if (from != null) {
      from.tell(listener -> listener.revoking(lane));
    }
  }

  private void assign(SimLeases.Row row, String to) {
    SimGroupSource member = members.get(to);
    if (member == null || broker.breakage.neverAssignsAgain(row.epoch)) {
      return;
    }
    row.epoch++;
    row.owner = to;
    broker.history.assigned(group, row.lane, row.epoch, to);
    member.assign(new Lane(row.lane, row.epoch, row.anchor), row.cursor);
  }

  void release(SimGroupSource member, Lane lane) {
    SimLeases.Row row = group.row(lane.name());
    if (row.epoch == lane.epoch() && member.memberId().equals(row.owner)) {
      row.owner = null;
      revokingSince.remove(row.lane);
      broker.history.unassigned(group, row.lane, row.epoch, true);
      move(row);
    }
  }

  /** Looks now and then for members that are not heard of any more. */
  private void look() {
    if (looking) {
      return;
    }
    looking = true;
    broker.world.after(null, LOOK, this::lookNow);
  }

  private void lookNow() {
    looking = false;
    long now = broker.world.now();
    for (SimGroupSource member : List.copyOf(members.values())) {
      boolean silent = now - member.lastHeard() > SESSION;
      if (silent || isTooSlow(member, now)) {
        member.evicted();
        remove(member, silent ? "was not heard of in" : "gave nothing back in");
      }
    }
    if (!members.isEmpty()) {
      look();
    }
  }

  private boolean isTooSlow(SimGroupSource member, long now) {
    for (Map.Entry<String, Long> each : revokingSince.entrySet()) {
      @Nullable String owner = group.row(each.getKey()).owner;
      if (member.memberId().equals(owner) && now - each.getValue() > PATIENCE) {
        return true;
      }
    }
    return false;
  }
}
