package dev.isostream.engine.simulation;

import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.LeaseStore;
import dev.isostream.spi.StoredCursor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The lease table of one group at the simulated broker; conditional writes, no clock. */
public final class SimLeases {

  private final Map<String, Row> rows = new LinkedHashMap<>();
  private final Map<String, Long> beats = new TreeMap<>();
  private long versions;
  private Changes changes = new Changes() {};

  /** Told of changes of ownership. */
  interface Changes {
    default void acquired(Row row, String memberId) {}

    default void released(Row row) {}

    default void wanted(Row row) {}
  }

  void changes(Changes told) {
    this.changes = told;
  }

  /** One row. */
  static final class Row {
    final String lane;
    final boolean anchor;
    long epoch;
    long version;
    @Nullable String owner;
    @Nullable String wantedBy;
    @Nullable StoredCursor cursor;
    boolean ended;
    Supplier<Boolean> listed = () -> true;

    Row(String lane, boolean anchor) {
      this.lane = lane;
      this.anchor = anchor;
    }

    LeaseStore.Lease lease() {
      return new LeaseStore.Lease(lane, anchor, epoch, version, owner, wantedBy);
    }
  }

  /** Makes a lease, free. */
  public Row add(String lane, boolean anchor) {
    return rows.computeIfAbsent(lane, name -> new Row(name, anchor));
  }

  Map<String, Row> rows() {
    return rows;
  }

  boolean hasLiveOwner() {
    return rows.values().stream().anyMatch(row -> row.owner != null);
  }

  private LeaseStore.Table list(String memberId) {
    beats.put(memberId, ++versions);
    List<LeaseStore.Lease> leases = new ArrayList<>();
    for (Row row : rows.values()) {
      if (!row.ended && row.listed.get()) {
        leases.add(row.lease());
      }
    }
    List<LeaseStore.Heartbeat> members = new ArrayList<>();
    beats.forEach((member, version) -> members.add(new LeaseStore.Heartbeat(member, version)));
    return new LeaseStore.Table(leases, members);
  }

  private LeaseStore.@Nullable Acquired acquire(LeaseStore.Lease seen, String memberId) {
    Row row = rows.get(seen.lane());
    if (row == null || row.ended || row.epoch != seen.epoch() || row.version != seen.version()) {
      return null;
    }
    row.epoch++;
    row.version = ++versions;
    row.owner = memberId;
    row.wantedBy = null;
    changes.acquired(row, memberId);
    return new LeaseStore.Acquired(row.lease(), row.cursor);
  }

  private List<LeaseStore.Lease> renew(List<LeaseStore.Lease> leases) {
    List<LeaseStore.Lease> held = new ArrayList<>();
    for (LeaseStore.Lease lease : leases) {
      Row row = rows.get(lease.lane());
      if (row != null && row.epoch == lease.epoch() && row.owner != null) {
        row.version = ++versions;
        held.add(row.lease());
      }
    }
    return held;
  }

  private void want(LeaseStore.Lease seen, String memberId) {
    Row row = rows.get(seen.lane());
    if (row != null && row.epoch == seen.epoch() && row.owner != null) {
      row.wantedBy = memberId;
      changes.wanted(row);
    }
  }

  private void release(LeaseStore.Lease lease) {
    Row row = rows.get(lease.lane());
    if (row != null && row.epoch == lease.epoch() && row.owner != null) {
      row.owner = null;
      row.wantedBy = null;
      row.version = ++versions;
      changes.released(row);
    }
  }

  /** What may go wrong with a request, in probabilities. */
  public static final class Faults {
    public double lost;
    public double lostReply;
    public double hung;
    public long latencyMin = 1_000_000L;
    public long latencyMax = 20_000_000L;
  }

  /** The table as one process reaches it. */
  public LeaseStore client(SimProcess process, Faults faults) {
    return new Client(process, faults);
  }

  private final class Client implements LeaseStore {
    private final SimProcess process;
    private final SimWorld world;
    private final Faults faults;

    Client(SimProcess process, Faults faults) {
      this.process = process;
      this.world = process.world();
      this.faults = faults;
    }

    private <V extends @Nullable Object> CompletionStage<V> ask(Supplier<V> request) {
      CompletableFuture<V> answer = new CompletableFuture<>();
      if (world.chance(faults.hung)) {
        return answer;
      }
      boolean lost = world.chance(faults.lost);
      boolean lostReply = world.chance(faults.lostReply);
      // The request is on its way also when its sender dies.
      world.after(
          null,
          latency(),
          () -> {
            V value = lost ? null : request.get();
            world.after(
                process,
                latency(),
                () -> {
                  if (lost || lostReply) {
                    answer.completeExceptionally(
                        new DriverException(ErrorKind.UNAVAILABLE, "simulated", null));
                  } else {
                    answer.complete(value);
                  }
                });
          });
      return answer;
    }

    private long latency() {
      return world.between(faults.latencyMin, faults.latencyMax);
    }

    @Override
    public CompletionStage<Table> list(String memberId) {
      return ask(() -> SimLeases.this.list(memberId));
    }

    @Override
    public CompletionStage<@Nullable Acquired> acquire(Lease seen, String memberId) {
      return ask(() -> SimLeases.this.acquire(seen, memberId));
    }

    @Override
    public CompletionStage<List<Lease>> renew(List<Lease> leases, Duration ttl) {
      return ask(() -> SimLeases.this.renew(leases));
    }

    @Override
    public CompletionStage<Void> want(Lease seen, String memberId) {
      return ask(
          () -> {
            SimLeases.this.want(seen, memberId);
            return null;
          });
    }

    @Override
    public CompletionStage<Void> release(Lease lease) {
      return ask(
          () -> {
            SimLeases.this.release(lease);
            return null;
          });
    }

    @Override
    public CompletionStage<Void> leave(String memberId) {
      return ask(
          () -> {
            beats.remove(memberId);
            return null;
          });
    }
  }
}
