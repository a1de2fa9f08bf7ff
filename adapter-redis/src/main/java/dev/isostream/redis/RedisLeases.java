package dev.isostream.redis;

import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.LeaseStore;
import dev.isostream.spi.StoredCursor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol;

/**
 * Leases as hashes, one for each partition and group, each beside the partition's stream. Partition
 * 0 is the anchor.
 */
final class RedisLeases implements LeaseStore {

  private static final byte[] EPOCH = RedisKeys.bytes("epoch");
  private static final byte[] VERSION = RedisKeys.bytes("version");
  private static final byte[] OWNER = RedisKeys.bytes("owner");
  private static final byte[] WANTED = RedisKeys.bytes("wanted");
  private static final byte[] NONE = {};

  private final RedisServers servers;
  private final RedisAdmin admin;
  private final GroupSpec spec;
  private final byte[] group;
  private final byte[] expiryMillis;

  RedisLeases(RedisServers servers, RedisAdmin admin, GroupSpec spec) {
    this.servers = servers;
    this.admin = admin;
    this.spec = spec;
    this.group = RedisKeys.bytes(spec.group());
    this.expiryMillis = Protocol.toByteArray(servers.config().leaseTime().toMillis());
  }

  private String doing(String what) {
    return what + " of group \"" + spec.group() + "\" of topic \"" + spec.topic() + "\"";
  }

  private byte[] lease(int partition) {
    return admin.keys().lease(spec.topic(), partition, spec.group());
  }

  private byte[] stream(int partition) {
    return admin.keys().stream(spec.topic(), partition);
  }

  private byte[] members() {
    return admin.keys().members(spec.topic(), spec.group());
  }

  @Override
  public CompletionStage<Table> list(String memberId) {
    return servers.ask(doing("Listing the leases"), () -> listNow(memberId));
  }

  private Table listNow(String memberId) {
    int partitions = admin.find(spec.topic()).partitions();
    List<RedisRequest> requests = new ArrayList<>();
    requests.add(
        RedisRequest.call(
            RedisScript.MEMBERS, List.of(members()), RedisKeys.bytes(memberId), expiryMillis));
    for (int i = 0; i < partitions; i++) {
      requests.add(
          RedisRequest.of(Protocol.Command.HMGET, lease(i), EPOCH, VERSION, OWNER, WANTED));
    }
    List<@Nullable Object> replies = servers.run(requests);
    List<Heartbeat> beats = new ArrayList<>();
    List<@Nullable Object> members = RedisReply.list(replies.get(0));
    for (int i = 0; i < members.size(); i += 2) {
      beats.add(
          new Heartbeat(RedisReply.text(members.get(i)), RedisReply.number(members.get(i + 1))));
    }
    List<Lease> leases = new ArrayList<>();
    for (int i = 0; i < partitions; i++) {
      List<@Nullable Object> found = RedisReply.list(replies.get(i + 1));
      leases.add(
          new Lease(
              Integer.toString(i),
              i == 0,
              RedisReply.number(found.get(0)),
              RedisReply.number(found.get(1)),
              RedisReply.textOrNull(found.get(2)),
              RedisReply.textOrNull(found.get(3))));
    }
    return new Table(leases, beats);
  }

  @Override
  public CompletionStage<@Nullable Acquired> acquire(Lease seen, String memberId) {
    return servers.ask(doing("Acquiring a lease"), () -> acquireNow(seen, memberId));
  }

  private @Nullable Acquired acquireNow(Lease seen, String memberId) {
    RedisTopic topic = admin.find(spec.topic());
    int partition = topic.partition(seen.lane());
    List<@Nullable Object> taken =
        RedisReply.list(
            servers.run(
                RedisRequest.call(
                    RedisScript.ACQUIRE,
                    List.of(stream(partition), lease(partition)),
                    group,
                    RedisKeys.bytes(memberId),
                    Protocol.toByteArray(seen.epoch()),
                    Protocol.toByteArray(seen.version()),
                    expiryMillis)));
    if (taken.isEmpty()) {
      return null;
    }
    Lease lease =
        new Lease(
            seen.lane(),
            seen.anchor(),
            RedisReply.number(taken.get(0)),
            RedisReply.number(taken.get(1)),
            memberId,
            null);
    if (taken.size() == 3) {
      return new Acquired(lease, null);
    }
    return new Acquired(
        lease,
        new StoredCursor(
            RedisAdmin.place(
                topic,
                partition,
                RedisId.parse(RedisReply.bytes(taken.get(3))),
                RedisReply.idOrNull(taken.get(4))),
            RedisReply.bytes(taken.get(2))));
  }

  @Override
  public CompletionStage<List<Lease>> renew(List<Lease> leases, Duration ttl) {
    List<Lease> all = List.copyOf(leases);
    return servers.ask(doing("Renewing leases"), () -> renewNow(all, ttl));
  }

  private List<Lease> renewNow(List<Lease> leases, Duration ttl) {
    List<RedisRequest> requests = new ArrayList<>();
    for (Lease lease : leases) {
      requests.add(
          RedisRequest.call(
              RedisScript.RENEW,
              List.of(lease(Integer.parseInt(lease.lane()))),
              RedisKeys.bytes(String.valueOf(lease.owner())),
              Protocol.toByteArray(lease.epoch()),
              Protocol.toByteArray(ttl.toMillis())));
    }
    List<@Nullable Object> replies = servers.run(requests);
    List<Lease> held = new ArrayList<>();
    for (int i = 0; i < leases.size(); i++) {
      List<@Nullable Object> renewed = RedisReply.list(replies.get(i));
      Lease lease = leases.get(i);
      if (!renewed.isEmpty()) {
        String wanted = RedisReply.text(renewed.get(1));
        held.add(
            new Lease(
                lease.lane(),
                lease.anchor(),
                lease.epoch(),
                RedisReply.number(renewed.get(0)),
                lease.owner(),
                wanted.isEmpty() ? null : wanted));
      }
    }
    return held;
  }

  @Override
  public CompletionStage<Void> want(Lease seen, String memberId) {
    return give(seen, RedisKeys.bytes(memberId), "Asking for a lease");
  }

  @Override
  public CompletionStage<Void> release(Lease lease) {
    return give(lease, NONE, "Releasing a lease");
  }

  private CompletionStage<Void> give(Lease lease, byte[] wantedBy, String doing) {
    return servers.tell(
        doing(doing),
        () -> {
          int partition = Integer.parseInt(lease.lane());
          servers.run(
              RedisRequest.call(
                  RedisScript.RELEASE,
                  List.of(lease(partition), stream(partition)),
                  RedisKeys.bytes(String.valueOf(lease.owner())),
                  Protocol.toByteArray(lease.epoch()),
                  wantedBy,
                  group));
        });
  }

  @Override
  public CompletionStage<Void> leave(String memberId) {
    return servers.tell(
        doing("Leaving the members"),
        () ->
            servers.run(
                RedisRequest.of(Protocol.Command.HDEL, members(), RedisKeys.bytes(memberId))));
  }
}
