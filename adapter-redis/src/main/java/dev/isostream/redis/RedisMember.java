package dev.isostream.redis;

import dev.isostream.Position;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.Lane;
import dev.isostream.spi.LaneCommit;
import dev.isostream.spi.SourceRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * A member of a native group. What the group has settled is what Redis says: everything up to the
 * last id delivered but what is pending. Redis gets to know it by commits only, each of which is
 * refused where the lane is another's (contract G7).
 */
final class RedisMember extends RedisSource implements GroupSource {

  private static final byte[] ONE = {'1'};
  private static final byte[] ZERO = {'0'};

  private final GroupSpec spec;
  private final byte[] group;
  private final byte[] member;
  private final Map<Lane, Progress> progress = new HashMap<>();
  private long commits;
  private @Nullable Sent last;

  /** What Redis has to be told of a lane. */
  private static final class Progress {
    /** Told to the engine, and beyond what Redis has as delivered; in stored order. */
    final List<Told> told = new ArrayList<>();

    /**
     * So many of these, from the first on, are pending nevertheless if a commit was stored after
     * all.
     */
    int doubtful;

    /** The last id delivered, as Redis has it; null where that is not known. */
    @Nullable RedisId delivered;

    /** Nothing up to here is among {@link #told}; null before the lane was looked at. */
    @Nullable RedisId base;

    long baseOrdinal = -1;

    /** Behind everything that was told; null before the lane was looked at. */
    @Nullable RedisId reached;

    /** As {@link Held#ordinal}, up to there. */
    long ordinal = -1;
  }

  /**
   * An entry that was told.
   *
   * @param ordinal as {@link Held#ordinal}
   */
  private record Told(RedisId id, long ordinal) {}

  /**
   * How far Redis is to have a lane as delivered: behind the last message that is settled or begun.
   * What the member holds beyond that has not been handed out, or just now, and is not delivered.
   *
   * @param passed so many of what was told lie before it
   * @param last null where that is not known
   */
  private record Reach(int passed, @Nullable RedisId last, long ordinal) {}

  /** A lane's part of the commit that was sent last. */
  private record Part(LaneCommit commit, Progress progress, Reach reach) {}

  private record Sent(List<Part> parts, CompletableFuture<Map<Lane, CommitOutcome>> outcome) {}

  RedisMember(RedisTopic topic, RedisServers servers, GroupSpec spec) {
    super(
        topic, servers, RedisKeys.bytes(spec.group()), spec.maxPollRecords(), spec.maxFetchBytes());
    this.spec = spec;
    this.group = RedisKeys.bytes(spec.group());
    this.member = RedisKeys.bytes(spec.memberId());
  }

  @Override
  void telling(Held lane, List<SourceRecord> records) {
    List<Told> told = progress(lane.lane).told;
    RedisId delivered = lane.delivered;
    long ordinal = lane.toldOrdinal - records.size();
    for (SourceRecord one : records) {
      ordinal++;
      RedisId id = RedisRecords.id(one);
      if (delivered == null || id.compareTo(delivered) > 0) { // else it is pending already
        told.add(new Told(id, lane.toldOrdinal < 0 ? -1 : ordinal));
      }
    }
  }

  /** Kept also when the lane is not read any more, for its last commit. */
  private Progress progress(Lane lane) {
    Progress known = progress.get(lane);
    if (known == null) {
      progress.keySet().removeIf(former -> former.name().equals(lane.name()));
      known = new Progress();
      progress.put(lane, known);
    }
    return known;
  }

  @Override
  void reached(Held lane) {
    Progress of = progress(lane.lane);
    RedisId told = lane.told;
    RedisId before = of.reached == null ? lane.delivered : of.reached;
    if (told != null && (before == null || told.compareTo(before) > 0)) {
      of.reached = told;
      of.ordinal = lane.toldOrdinal;
    } else {
      of.reached = before;
    }
    if (of.told.isEmpty()) {
      of.base = of.reached;
      of.baseOrdinal = of.ordinal;
    }
    of.delivered = of.delivered == null ? lane.delivered : of.delivered;
  }

  @Override
  public CompletionStage<Map<Lane, CommitOutcome>> commit(List<LaneCommit> commits) {
    learn();
    List<Part> parts = new ArrayList<>();
    List<RedisRequest> requests = new ArrayList<>();
    for (LaneCommit commit : commits) {
      Progress of = progress(commit.lane());
      Set<RedisId> settled = new HashSet<>();
      for (Position position : commit.settled()) {
        settled.add(RedisId.of(position));
      }
      Reach reach = reach(of, settled, commit.begun());
      parts.add(new Part(commit, of, reach));
      requests.add(request(commit, of, reach, settled));
    }
    CompletableFuture<Map<Lane, CommitOutcome>> outcome = new CompletableFuture<>();
    last = new Sent(parts, outcome);
    servers
        .ask(doingCommit(), () -> servers.run(requests, true))
        .whenComplete((replies, failure) -> decide(parts, replies, failure, outcome));
    return outcome;
  }

  /** What became of the last commit, which is decided when there is a next one. */
  private void learn() {
    Sent sent = last;
    if (sent == null) {
      return;
    }
    Map<Lane, CommitOutcome> outcomes = sent.outcome().getNow(Map.of());
    for (Part part : sent.parts()) {
      Progress of = part.progress();
      if (outcomes.get(part.commit().lane()) instanceof CommitOutcome.Stored) {
        of.told.subList(0, part.reach().passed()).clear();
        of.doubtful = Math.max(0, of.doubtful - part.reach().passed());
        of.delivered = part.reach().last();
        of.base = part.reach().last();
        of.baseOrdinal = part.reach().ordinal();
      } else {
        of.doubtful = Math.max(of.doubtful, part.reach().passed());
      }
    }
    last = null;
  }

  private static Reach reach(Progress of, Set<RedisId> settled, List<Position> begun) {
    RedisId lastBegun = begun.isEmpty() ? null : RedisId.of(begun.get(begun.size() - 1));
    int passed = of.doubtful;
    for (int i = passed; i < of.told.size(); i++) {
      RedisId id = of.told.get(i).id();
      if (settled.contains(id) || (lastBegun != null && id.compareTo(lastBegun) <= 0)) {
        passed = i + 1;
      }
    }
    if (passed == of.told.size()) {
      return new Reach(passed, of.reached, of.ordinal);
    }
    if (passed == 0) {
      return new Reach(0, of.base, of.baseOrdinal);
    }
    Told last = of.told.get(passed - 1);
    return new Reach(passed, last.id(), last.ordinal());
  }

  private RedisRequest request(LaneCommit commit, Progress of, Reach reach, Set<RedisId> settled) {
    RedisId delivered = reach.last();
    Lane lane = commit.lane();
    int partition = topic.partition(lane.name());
    List<byte[]> arguments = new ArrayList<>();
    arguments.add(group);
    arguments.add(member);
    arguments.add(Protocol.toByteArray(lane.epoch()));
    arguments.add(Protocol.toByteArray(++commits));
    arguments.add(commit.cursor().state());
    boolean moved = delivered != null && !delivered.equals(of.delivered);
    RedisId last = delivered == null ? RedisId.before(commit.cursor().place()) : delivered;
    arguments.add(last.bytes());
    arguments.add(Protocol.toByteArray(reach.ordinal()));
    arguments.add(moved ? ONE : ZERO);
    int count = arguments.size();
    arguments.add(ZERO);
    for (int i = 0; i < reach.passed(); i++) {
      RedisId id = of.told.get(i).id();
      if (!settled.contains(id)) {
        arguments.add(id.bytes());
      } else if (i >= of.doubtful) {
        settled.remove(id); // never was pending, and lies behind what is delivered from now on
      }
    }
    arguments.set(count, Protocol.toByteArray(arguments.size() - count - 1));
    settled.forEach(id -> arguments.add(id.bytes()));
    return RedisRequest.call(
        RedisScript.COMMIT,
        List.of(
            topic.keys().stream(topic.name(), partition),
            topic.keys().lease(topic.name(), partition, spec.group())),
        arguments.toArray(byte[][]::new));
  }

  private void decide(
      List<Part> parts,
      @Nullable List<@Nullable Object> replies,
      @Nullable Throwable failure,
      CompletableFuture<Map<Lane, CommitOutcome>> outcome) {
    Map<Lane, CommitOutcome> all = new HashMap<>();
    for (int i = 0; i < parts.size(); i++) {
      Lane lane = parts.get(i).commit().lane();
      all.put(
          lane,
          replies == null
              ? new CommitOutcome.Failed(
                  servers.failure(
                      doingCommit(), failure == null ? new IllegalStateException() : failure))
              : outcome(lane, replies.get(i)));
    }
    outcome.complete(all);
  }

  private CommitOutcome outcome(Lane lane, @Nullable Object reply) {
    String in = doingCommit() + " in partition " + lane.name();
    if (reply instanceof JedisDataException refused) {
      return new CommitOutcome.Failed(servers.failure(in, refused));
    }
    return switch (RedisReply.text(reply)) {
      case "OK" -> new CommitOutcome.Stored();
      case "FENCED" -> failed(ErrorKind.FENCED, in);
      default -> failed(ErrorKind.UNAVAILABLE, in); // overtaken by a later one
    };
  }

  private static CommitOutcome failed(ErrorKind kind, String doing) {
    DriverException cause = RedisErrors.of(kind, doing, null);
    return new CommitOutcome.Failed(cause);
  }

  private String doingCommit() {
    return "Storing the cursor of group \"" + spec.group() + "\" of topic \"" + topic.name() + "\"";
  }

  /** The lease is given back, not the lane. */
  @Override
  public void release(Lane lane) {
    stop(lane);
  }
}
