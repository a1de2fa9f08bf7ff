package dev.isostream.kinesis;

import dev.isostream.kinesis.KinesisTable.Change;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.LeaseStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Leases in the table, an item for each shard, with its cursor. Every write is conditional on the
 * owner and the epoch that were seen. Thread-safe. Blocks: never.
 */
final class KinesisLeases implements LeaseStore {

  /** A heartbeat that is so many failover times old is nobody's any more. */
  private static final int FORGOTTEN = 20;

  private final KinesisClients clients;
  private final KinesisTable table;
  private final KinesisGroups groups;
  private final KinesisStream stream;
  private final GroupSpec spec;
  private final String key;

  KinesisLeases(
      KinesisClients clients,
      KinesisTable table,
      KinesisGroups groups,
      KinesisStream stream,
      GroupSpec spec) {
    this.clients = clients;
    this.table = table;
    this.groups = groups;
    this.stream = stream;
    this.spec = spec;
    this.key = KinesisTable.key(spec.topic(), spec.group());
  }

  private String doing(String what) {
    return what + " of group \"" + spec.group() + "\" of topic \"" + spec.topic() + "\"";
  }

  @Override
  public CompletionStage<Table> list(String memberId) {
    return clients.ask(doing("Listing the leases"), () -> listNow(memberId));
  }

  private Table listNow(String memberId) {
    CompletableFuture<KinesisShards> asked = KinesisStream.shards(clients.kinesis(), spec.topic());
    KinesisTable.Found found = table.query(key);
    Map<String, AttributeValue> own =
        KinesisClients.await(
            table.update(
                new Change(key, KinesisTable.MEMBER_PREFIX + memberId)
                    .set(KinesisTable.SEEN, KinesisTable.number(found.now()))
                    .add(KinesisTable.VERSION, 1)));
    KinesisShards shards = KinesisClients.await(asked);
    KinesisGroups.View view = new KinesisGroups.View(found, stream);
    String anchor = groups.anchor(spec.topic(), spec.group());
    List<Lease> leases = new ArrayList<>();
    for (String name : shards.names()) {
      KinesisShards.Shard shard = shards.get(name);
      if (shard != null
          && !view.isEnded(name)
          && shard.parents().stream().allMatch(view::isEnded)) {
        leases.add(lease(name, anchor, view.lane(name)));
      }
    }
    return new Table(leases, heartbeats(memberId, found, own));
  }

  private List<Heartbeat> heartbeats(
      String memberId, KinesisTable.Found found, @Nullable Map<String, AttributeValue> own) {
    List<Heartbeat> members = new ArrayList<>();
    if (own != null) {
      members.add(new Heartbeat(memberId, KinesisTable.number(own, KinesisTable.VERSION)));
    }
    long forgotten = clients.config().failoverTime().toSeconds() * FORGOTTEN;
    KinesisGroups.members(found)
        .forEach(
            (id, item) -> {
              if (id.equals(memberId)) {
                return;
              }
              long seen = KinesisTable.number(item, KinesisTable.SEEN);
              if (found.now() - seen > forgotten) {
                var unused = table.delete(key, KinesisTable.MEMBER_PREFIX + id);
              } else {
                members.add(new Heartbeat(id, KinesisTable.number(item, KinesisTable.VERSION)));
              }
            });
    return members;
  }

  private static Lease lease(String name, String anchor, Map<String, AttributeValue> item) {
    return new Lease(
        name,
        name.equals(anchor),
        KinesisTable.number(item, KinesisTable.EPOCH),
        KinesisTable.number(item, KinesisTable.VERSION),
        KinesisTable.text(item, KinesisTable.OWNER),
        KinesisTable.text(item, KinesisTable.WANTED));
  }

  @Override
  public CompletionStage<@Nullable Acquired> acquire(Lease seen, String memberId) {
    Change change =
        new Change(key, seen.lane())
            .set(KinesisTable.LAYOUT_VERSION, KinesisTable.number(KinesisTable.LAYOUT))
            .set(KinesisTable.OWNER, KinesisTable.text(memberId))
            .set(KinesisTable.EPOCH, KinesisTable.number(seen.epoch() + 1))
            .set(KinesisTable.VERSION, KinesisTable.number(seen.version() + 1))
            .remove(KinesisTable.WANTED)
            .remove(KinesisTable.COMMIT)
            .ifNumber(KinesisTable.EPOCH, seen.epoch())
            .ifNumber(KinesisTable.VERSION, seen.version());
    String owner = seen.owner();
    if (owner == null) {
      change.ifAbsent(KinesisTable.OWNER);
    } else {
      change.ifEqual(KinesisTable.OWNER, KinesisTable.text(owner));
    }
    return table
        .update(change)
        .<@Nullable Acquired>thenApply(
            item ->
                item == null
                    ? null
                    : new Acquired(
                        lease(seen.lane(), seen.anchor() ? seen.lane() : "", item),
                        KinesisTable.cursor(item)));
  }

  @Override
  public CompletionStage<List<Lease>> renew(List<Lease> leases, Duration ttl) {
    List<CompletableFuture<@Nullable Map<String, AttributeValue>>> answers = new ArrayList<>();
    for (Lease lease : leases) {
      answers.add(table.update(held(lease).add(KinesisTable.VERSION, 1)));
    }
    return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
        .thenApply(
            done -> {
              List<Lease> still = new ArrayList<>();
              for (int i = 0; i < leases.size(); i++) {
                Map<String, AttributeValue> item = answers.get(i).join();
                Lease lease = leases.get(i);
                if (item != null) {
                  still.add(lease(lease.lane(), lease.anchor() ? lease.lane() : "", item));
                }
              }
              return still;
            });
  }

  /** A change that is made only while the lease is still that one. */
  private Change held(Lease lease) {
    return new Change(key, lease.lane())
        .ifEqual(KinesisTable.OWNER, KinesisTable.text(String.valueOf(lease.owner())))
        .ifEqual(KinesisTable.EPOCH, KinesisTable.number(lease.epoch()));
  }

  @Override
  public CompletionStage<Void> want(Lease seen, String memberId) {
    if (seen.owner() == null) {
      return CompletableFuture.completedFuture(null);
    }
    return table
        .update(held(seen).set(KinesisTable.WANTED, KinesisTable.text(memberId)))
        .thenAccept(item -> {});
  }

  @Override
  public CompletionStage<Void> release(Lease lease) {
    return table
        .update(
            held(lease)
                .add(KinesisTable.VERSION, 1)
                .remove(KinesisTable.OWNER)
                .remove(KinesisTable.WANTED))
        .thenAccept(item -> {});
  }

  @Override
  public CompletionStage<Void> leave(String memberId) {
    return table.delete(key, KinesisTable.MEMBER_PREFIX + memberId);
  }
}
