package dev.isostream.engine.lease;

import dev.isostream.spi.LeaseStore.Lease;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides what a member takes, asks for and gives away (contract G6). Pure: the same input and
 * random numbers give the same plan.
 *
 * <p>With L leases and M live members each is to have ⌊L/M⌋ or ⌈L/M⌉. A lease moves only from a
 * member that has at least two more than the one that gets it, so that every move makes the spread
 * better and none is ever undone.
 *
 * @param acquire free leases to take, in this order
 * @param want leases of others to ask for
 * @param grant own leases to give to those who asked
 */
record FairShare(List<Lease> acquire, List<Lease> want, List<String> grant) {

  /** What is known of one lease. */
  enum Standing {
    /** This member has it. */
    MINE,
    /** This member has it and is giving it up. */
    LEAVING,
    /** Nobody has it. */
    FREE,
    /** As free, and long enough for whoever has a better claim to have taken it. */
    LEFT_OVER,
    /** Another member has it. */
    OTHERS,
    /** It has changed since it was seen. */
    UNKNOWN
  }

  /** One lease and its standing. */
  record Item(Lease lease, Standing standing) {}

  /**
   * Makes the plan.
   *
   * @param live all live members, this one included
   */
  static FairShare plan(List<Item> items, Set<String> live, String me, RandomGenerator random) {
    return new Planner(items, live, me, random).plan();
  }

  private static final class Planner {

    private final List<Item> items;
    private final String me;
    private final Map<String, Integer> counts = new HashMap<>();
    private final Set<String> moving = new HashSet<>();
    private final int floor;
    private final int ceiling;

    Planner(List<Item> items, Set<String> live, String me, RandomGenerator random) {
      this.items = new ArrayList<>(items);
      this.me = me;
      Collections.shuffle(this.items, new Random(random.nextLong()));
      // The anchor comes first: its owner makes the group, and the others wait for that.
      this.items.sort((a, b) -> Boolean.compare(b.lease().anchor(), a.lease().anchor()));
      live.forEach(member -> counts.put(member, 0));
      counts.put(me, 0);
      for (Item item : items) {
        String owner = ownerOf(item);
        if (owner != null) {
          counts.computeIfPresent(owner, (member, count) -> count + 1);
        }
      }
      this.floor = items.size() / counts.size();
      this.ceiling = (items.size() + counts.size() - 1) / counts.size();
    }

    private @Nullable String ownerOf(Item item) {
      return switch (item.standing()) {
        case MINE -> me;
        case OTHERS -> item.lease().owner();
        case LEAVING -> item.lease().wantedBy();
        case FREE, LEFT_OVER, UNKNOWN -> null;
      };
    }

    FairShare plan() {
      List<String> grant = moves(Standing.MINE);
      moves(Standing.OTHERS);
      return new FairShare(acquire(), want(), grant);
    }

    /** Accounts for moves that were asked for; returns the lanes that do move. */
    private List<String> moves(Standing standing) {
      List<String> lanes = new ArrayList<>();
      for (Item item : items) {
        String from = ownerOf(item);
        String to = item.lease().wantedBy();
        if (item.standing() != standing || from == null || to == null || from.equals(to)) {
          continue;
        }
        // An owner that is not live gives nothing away; a member that is not live gets nothing.
        if (counts.containsKey(from) && counts.containsKey(to) && of(from) >= of(to) + 2) {
          counts.merge(from, -1, Integer::sum);
          counts.merge(to, 1, Integer::sum);
          lanes.add(item.lease().lane());
        }
      }
      moving.addAll(lanes);
      return lanes;
    }

    private List<Lease> acquire() {
      int free = 0;
      for (Item item : items) {
        if (item.standing() == Standing.FREE || item.standing() == Standing.LEFT_OVER) {
          free++;
        }
      }
      int reserved = 0;
      for (Map.Entry<String, Integer> each : counts.entrySet()) {
        if (!each.getKey().equals(me)) {
          reserved += Math.max(0, floor - each.getValue());
        }
      }
      List<Lease> taken = new ArrayList<>();
      for (Item item : items) {
        if (item.standing() == Standing.LEFT_OVER || mayTake(item, free - reserved)) {
          taken.add(item.lease());
          counts.merge(me, 1, Integer::sum);
          free--;
        }
      }
      return taken;
    }

    private boolean mayTake(Item item, int spare) {
      if (item.standing() != Standing.FREE) {
        return false;
      }
      int mine = of(me);
      return mine < floor || (mine < ceiling && (spare > 0 || item.lease().anchor()));
    }

    private List<Lease> want() {
      List<Lease> wanted = new ArrayList<>();
      for (Item item : items) {
        String owner = item.standing() == Standing.OTHERS ? item.lease().owner() : null;
        if (owner == null || !counts.containsKey(owner) || moving.contains(item.lease().lane())) {
          continue;
        }
        boolean needed = of(me) < floor && of(owner) > floor;
        boolean better = of(me) < ceiling && of(owner) > ceiling;
        if (needed || better) {
          wanted.add(item.lease());
          counts.merge(me, 1, Integer::sum);
          counts.merge(owner, -1, Integer::sum);
        }
      }
      return wanted;
    }

    private int of(String member) {
      return counts.getOrDefault(member, 0);
    }
  }
}
