package dev.isostream.redis;

import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.SinkSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * How records of one partition become requests, and what the replies say of them. Either way the
 * server compares with the highest number of this producer that it has stored (contract P2, P4).
 *
 * <p>One script appends whatever is above that number, and knows where copies were stored. It is
 * the way for few records, and wherever copies are possible. Of many records it costs the server
 * nearly twice as much as the commands by themselves; so where the number is known, they go as a
 * transaction: a script changes what is watched unless the number is as expected, and what was
 * watched and changed voids the transaction. A request that comes late, or twice, is void.
 *
 * <p>Immutable.
 */
final class RedisAppend {

  /** The server works while the client still encodes: parts are no larger than this. */
  private static final int PART_RECORDS = 64;

  private static final int PART_BYTES = 1 << 16;

  /** Fewer records are cheaper by the script. */
  private static final int LEAST_IN_TRANSACTION = 8;

  /** Replies of a transaction beside one for each record. */
  private static final int MORE_REPLIES = 5;

  private static final byte[] NONE = {};
  private static final byte[] ONE = {'1'};
  private static final byte[] TWO = {'2'};
  private static final byte[] ZERO = {'0'};
  private static final byte[] NEXT_ID = {'*'};
  private static final Duration SHORTEST_MEMORY = Duration.ofHours(1);

  private final RedisTopic topic;
  private final String producer;
  private final boolean announces;
  private final byte[] incarnation;
  private final byte[] memoryMillis;
  private final byte[] retentionLength;
  private final byte[] retentionAge;

  RedisAppend(RedisTopic topic, SinkSpec spec, boolean announces) {
    this.topic = topic;
    this.producer = spec.producerId();
    this.announces = announces;
    this.incarnation = RedisKeys.bytes(topic.incarnation());
    Duration memory = spec.deliveryTimeout().multipliedBy(10);
    this.memoryMillis =
        Protocol.toByteArray(
            (memory.compareTo(SHORTEST_MEMORY) > 0 ? memory : SHORTEST_MEMORY).toMillis());
    this.retentionLength = RedisKeys.bytes(topic.retentionLength());
    this.retentionAge = RedisKeys.bytes(topic.retentionAge());
  }

  /** Records of one partition that are appended together. Confined to its append. */
  static final class Part {
    final int partition;
    final List<Integer> indexes = new ArrayList<>();
    private final List<List<byte[]>> entries = new ArrayList<>();
    private final List<Long> numbers = new ArrayList<>();
    private long first;
    private long last;
    private int bytes;
    private boolean isTransaction;

    Part(int partition) {
      this.partition = partition;
    }

    boolean isFull(int more) {
      return entries.size() >= PART_RECORDS || (bytes > 0 && bytes + more > PART_BYTES);
    }

    /** Numbers go up. */
    void add(int index, long number, List<byte[]> entry, int size) {
      first = entries.isEmpty() ? number : first;
      last = number;
      indexes.add(index);
      numbers.add(number);
      entries.add(entry);
      bytes += size;
    }

    /** The highest number. */
    long last() {
      return last;
    }
  }

  /**
   * What became of a part.
   *
   * @param ids of the records that are stored; those that follow are not. Empty where it is not
   *     known any more
   * @param failure why not; null where all are
   * @param maybe whether those may be stored all the same
   * @param high the highest number that is stored; null where that is not known
   */
  record Answer(
      int partitions,
      List<byte[]> ids,
      @Nullable ErrorKind failure,
      @Nullable JedisDataException cause,
      boolean maybe,
      @Nullable Long high) {

    static Answer failed(ErrorKind kind, @Nullable JedisDataException cause) {
      return new Answer(0, List.of(), kind, cause, kind == ErrorKind.UNKNOWN, null);
    }
  }

  /** Readies a connection. Blocks. */
  void prepare(Connection connection) {
    RedisServers.load(connection, RedisScript.APPEND);
    // without this permission a transaction would be carried out at once, and unguarded
    connection.sendCommand(Protocol.Command.MULTI);
    connection.sendCommand(Protocol.Command.EXEC);
    connection.getMany(2).forEach(RedisReply::checked);
  }

  /**
   * Sends a part.
   *
   * @param before the last number of the part before it in the same append; null where it is the
   *     first of its partition
   * @param lowest number of the append
   * @param high the highest number that was stored when the append began; null where that is not
   *     known
   */
  void send(
      Connection connection, Part part, @Nullable Long before, long lowest, @Nullable Long high) {
    Long expected = before == null || high == null ? high : before;
    part.isTransaction =
        expected != null
            && expected < part.first
            && part.entries.size() >= LEAST_IN_TRANSACTION
            && !announces;
    if (part.isTransaction && expected != null) {
      transact(connection, part, before == null, lowest, expected);
    } else {
      RedisServers.send(connection, call(part, before, lowest));
    }
  }

  private RedisRequest call(Part part, @Nullable Long before, long lowest) {
    RedisKeys keys = topic.keys();
    List<byte[]> arguments = new ArrayList<>(8 + 6 * part.entries.size());
    arguments.add(incarnation);
    arguments.add(Protocol.toByteArray(before == null ? -1 : before));
    arguments.add(Protocol.toByteArray(lowest));
    arguments.add(before == null ? ONE : ZERO);
    arguments.add(memoryMillis);
    arguments.add(retentionLength);
    arguments.add(retentionAge);
    arguments.add(announces ? keys.channel(topic.name(), part.partition) : NONE);
    for (int i = 0; i < part.entries.size(); i++) {
      List<byte[]> entry = part.entries.get(i);
      arguments.add(Protocol.toByteArray(part.numbers.get(i)));
      arguments.add(Protocol.toByteArray(entry.size()));
      arguments.addAll(entry);
    }
    return RedisRequest.call(
        RedisScript.APPEND,
        List.of(stream(part), meta(part), known(part)),
        arguments.toArray(byte[][]::new));
  }

  private byte[] stream(Part part) {
    return topic.keys().stream(topic.name(), part.partition);
  }

  private byte[] meta(Part part) {
    return topic.keys().meta(topic.name(), part.partition);
  }

  private byte[] known(Part part) {
    return topic.keys().producer(topic.name(), part.partition, producer);
  }

  private void transact(
      Connection connection, Part part, boolean isFirst, long lowest, long expected) {
    byte[] stream = stream(part);
    byte[] meta = meta(part);
    byte[] known = known(part);
    connection.sendCommand(Protocol.Command.WATCH, meta, known);
    // by their texts: scripts that the server has forgotten meanwhile would guard nothing
    connection.sendCommand(
        Protocol.Command.EVAL,
        RedisScript.GUARD.text(),
        TWO,
        meta,
        known,
        incarnation,
        Protocol.toByteArray(expected));
    connection.sendCommand(Protocol.Command.MULTI);
    StringBuilder numbers = new StringBuilder();
    for (int i = 0; i < part.entries.size(); i++) {
      List<byte[]> entry = part.entries.get(i);
      byte[][] words = new byte[2 + entry.size()][];
      words[0] = stream;
      words[1] = NEXT_ID;
      for (int j = 0; j < entry.size(); j++) {
        words[2 + j] = entry.get(j);
      }
      connection.sendCommand(Protocol.Command.XADD, words);
      numbers.append(part.numbers.get(i).longValue()).append(' ');
    }
    connection.sendCommand(
        Protocol.Command.EVAL,
        RedisScript.NOTE.text(),
        TWO,
        stream,
        known,
        Protocol.toByteArray(part.last),
        RedisKeys.bytes(numbers.toString()),
        isFirst ? Protocol.toByteArray(lowest) : NONE,
        memoryMillis,
        retentionLength,
        retentionAge);
    connection.sendCommand(Protocol.Command.EXEC);
  }

  /** Reads the answer to a part; answers come in the order of the parts. Blocks. */
  Answer receive(Connection connection, Part part) {
    return part.isTransaction
        ? ofTransaction(part, connection.getMany(part.entries.size() + MORE_REPLIES))
        : ofCall(part, connection.getMany(1).get(0));
  }

  private static Answer ofCall(Part part, @Nullable Object reply) {
    if (reply instanceof JedisDataException refused) {
      return Answer.failed(RedisErrors.kind(refused), refused);
    }
    List<@Nullable Object> answer = RedisReply.list(reply);
    String how = RedisReply.text(answer.get(0));
    if (!how.equals("OK")) {
      // behind a part that failed, or in a topic that is none
      return Answer.failed(
          how.equals("GONE") ? ErrorKind.TOPIC_NOT_FOUND : ErrorKind.UNAVAILABLE, null);
    }
    List<byte[]> ids = new ArrayList<>();
    RedisReply.list(answer.get(3)).forEach(id -> ids.add(RedisReply.bytes(id)));
    int partitions = (int) RedisReply.number(answer.get(1));
    long high = RedisReply.number(answer.get(4));
    if (ids.size() == part.entries.size()) {
      return new Answer(partitions, ids, null, null, false, high);
    }
    JedisDataException failure = new JedisDataException(RedisReply.text(answer.get(2)));
    return new Answer(partitions, ids, RedisErrors.kind(failure), failure, false, high);
  }

  private static Answer ofTransaction(Part part, List<?> replies) {
    Object outcome = replies.get(replies.size() - 1);
    if (!(outcome instanceof List<?> done)) {
      for (Object reply : replies) {
        if (reply instanceof JedisDataException refused) {
          return Answer.failed(RedisErrors.kind(refused), refused);
        }
      }
      boolean isGone = RedisReply.text(RedisReply.list(replies.get(1)).get(0)).equals("GONE");
      return Answer.failed(isGone ? ErrorKind.TOPIC_NOT_FOUND : ErrorKind.UNAVAILABLE, null);
    }
    int partitions = (int) RedisReply.number(RedisReply.list(replies.get(1)).get(1));
    List<byte[]> ids = new ArrayList<>();
    for (int i = 0; i < part.entries.size(); i++) {
      if (done.get(i) instanceof JedisDataException failure) {
        // the number counts as stored by now, so nothing of this may be sent again
        ErrorKind kind = RedisErrors.kind(failure);
        return new Answer(
            partitions, ids, kind.isRetriable() ? ErrorKind.UNKNOWN : kind, failure, true, null);
      }
      ids.add(RedisReply.bytes(done.get(i)));
    }
    return new Answer(partitions, ids, null, null, false, part.last);
  }
}
