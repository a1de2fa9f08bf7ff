package dev.isostream.pulsar;

import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.LeaseStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Leases in the group's topic. Thread-safe. Blocks: never. */
final class PulsarLeases implements LeaseStore {

  private static final String ANCHOR = "0";

  private final PulsarClients clients;
  private final PulsarGroup group;
  private final String topic;
  private final String memberId;

  PulsarLeases(PulsarClients clients, PulsarGroup group, String topic, String memberId) {
    this.clients = clients;
    this.group = group;
    this.topic = topic;
    this.memberId = memberId;
  }

  @Override
  public CompletionStage<Table> list(String memberId) {
    return clients
        .find(topic)
        .thenCombine(group.view(PulsarGroupState.heartbeat(memberId)), PulsarLeases::table);
  }

  private static Table table(PulsarTopic topic, PulsarGroupState.View view) {
    List<Lease> leases = new ArrayList<>();
    for (int number = 0; number < topic.partitions(); number++) {
      String name = topic.partition(number).name();
      leases.add(lease(name, view.lanes().getOrDefault(name, PulsarGroupState.Lane.NEW)));
    }
    List<Heartbeat> members = new ArrayList<>();
    view.members().forEach((id, member) -> members.add(new Heartbeat(id, member.version())));
    return new Table(leases, members);
  }

  private static Lease lease(String name, PulsarGroupState.Lane lane) {
    return new Lease(
        name, name.equals(ANCHOR), lane.epoch(), lane.version(), lane.owner(), lane.wantedBy());
  }

  @Override
  public CompletionStage<@Nullable Acquired> acquire(Lease seen, String memberId) {
    byte[] operation =
        PulsarGroupState.acquire(seen.lane(), seen.epoch(), seen.version(), seen.owner(), memberId);
    return clients
        .find(topic)
        .thenCompose(
            found ->
                group.<@Nullable Acquired>submit(
                    operation,
                    outcome ->
                        outcome instanceof PulsarGroupState.Lane lane
                            ? acquired(found.partition(seen.lane()), lane)
                            : null));
  }

  private static Acquired acquired(PulsarTopic.Partition partition, PulsarGroupState.Lane lane) {
    PulsarGroupState.Cursor cursor = lane.cursor();
    return new Acquired(
        lease(partition.name(), lane),
        cursor == null ? null : PulsarGroup.cursor(partition, cursor));
  }

  @Override
  public CompletionStage<List<Lease>> renew(List<Lease> leases, Duration ttl) {
    Map<String, Long> epochs = new HashMap<>();
    leases.forEach(lease -> epochs.put(lease.lane(), lease.epoch()));
    return group
        .view(PulsarGroupState.renew(memberId, epochs))
        .thenApply(
            view -> {
              List<Lease> held = new ArrayList<>();
              for (Lease lease : leases) {
                PulsarGroupState.Lane lane = view.lanes().get(lease.lane());
                if (lane != null
                    && lane.epoch() == lease.epoch()
                    && memberId.equals(lane.owner())) {
                  held.add(lease(lease.lane(), lane));
                }
              }
              return held;
            });
  }

  @Override
  public CompletionStage<Void> want(Lease seen, String memberId) {
    return done(PulsarGroupState.want(seen.lane(), seen.epoch(), memberId));
  }

  @Override
  public CompletionStage<Void> release(Lease lease) {
    return done(PulsarGroupState.release(lease.lane(), lease.epoch(), memberId));
  }

  @Override
  public CompletionStage<Void> leave(String memberId) {
    return done(PulsarGroupState.leave(memberId));
  }

  private CompletionStage<Void> done(byte[] operation) {
    return group
        .submit(operation, outcome -> outcome)
        .thenAccept(
            outcome -> {
              if (outcome == null) {
                throw PulsarErrors.of(
                    ErrorKind.UNKNOWN, "Keeping a lease of topic \"" + topic + "\"", null);
              }
            });
  }
}
