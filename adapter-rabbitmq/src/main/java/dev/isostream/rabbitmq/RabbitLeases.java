package dev.isostream.rabbitmq;

import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.LeaseStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Leases in the group's stream. Thread-safe. Blocks: never. */
final class RabbitLeases implements LeaseStore {

  private static final String ANCHOR = "0";

  private final RabbitCluster cluster;
  private final RabbitGroup group;
  private final String topic;
  private final String memberId;

  RabbitLeases(RabbitCluster cluster, RabbitGroup group, String topic, String memberId) {
    this.cluster = cluster;
    this.group = group;
    this.topic = topic;
    this.memberId = memberId;
  }

  @Override
  public CompletionStage<Table> list(String memberId) {
    return cluster
        .async("Looking for topic \"" + topic + "\"", () -> cluster.find(topic))
        .thenCombine(group.view(RabbitGroupState.heartbeat(memberId)), RabbitLeases::table);
  }

  private static Table table(RabbitTopic topic, RabbitGroupState.View view) {
    List<Lease> leases = new ArrayList<>();
    for (int number = 0; number < topic.partitions(); number++) {
      String name = topic.partition(number).name();
      leases.add(lease(name, view.lanes().getOrDefault(name, RabbitGroupState.Lane.NEW)));
    }
    List<Heartbeat> members = new ArrayList<>();
    view.members().forEach((id, member) -> members.add(new Heartbeat(id, member.version())));
    return new Table(leases, members);
  }

  private static Lease lease(String name, RabbitGroupState.Lane lane) {
    return new Lease(
        name, name.equals(ANCHOR), lane.epoch(), lane.version(), lane.owner(), lane.wantedBy());
  }

  @Override
  public CompletionStage<@Nullable Acquired> acquire(Lease seen, String memberId) {
    byte[] operation =
        RabbitGroupState.acquire(seen.lane(), seen.epoch(), seen.version(), seen.owner(), memberId);
    return cluster
        .async("Looking for topic \"" + topic + "\"", () -> cluster.find(topic))
        .thenCompose(
            found ->
                group.<@Nullable Acquired>submit(
                    operation,
                    outcome ->
                        outcome instanceof RabbitGroupState.Lane lane
                            ? acquired(found.partition(seen.lane()), lane)
                            : null));
  }

  private static Acquired acquired(RabbitTopic.Partition partition, RabbitGroupState.Lane lane) {
    RabbitGroupState.Cursor cursor = lane.cursor();
    return new Acquired(
        lease(partition.name(), lane),
        cursor == null ? null : RabbitGroup.cursor(partition, cursor));
  }

  @Override
  public CompletionStage<List<Lease>> renew(List<Lease> leases, Duration ttl) {
    Map<String, Long> epochs = new HashMap<>();
    leases.forEach(lease -> epochs.put(lease.lane(), lease.epoch()));
    return group
        .view(RabbitGroupState.renew(memberId, epochs))
        .thenApply(
            view -> {
              List<Lease> held = new ArrayList<>();
              for (Lease lease : leases) {
                RabbitGroupState.Lane lane = view.lanes().get(lease.lane());
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
    return done(RabbitGroupState.want(seen.lane(), seen.epoch(), memberId));
  }

  @Override
  public CompletionStage<Void> release(Lease lease) {
    return done(RabbitGroupState.release(lease.lane(), lease.epoch(), memberId));
  }

  @Override
  public CompletionStage<Void> leave(String memberId) {
    return done(RabbitGroupState.leave(memberId));
  }

  private CompletionStage<Void> done(byte[] operation) {
    return group
        .submit(operation, outcome -> outcome)
        .thenAccept(
            outcome -> {
              if (outcome == null) {
                throw RabbitErrors.of(
                    ErrorKind.UNKNOWN, "Keeping a lease of topic \"" + topic + "\"", null);
              }
            });
  }
}
