package dev.isostream.rabbitmq;

import com.rabbitmq.stream.Message;
import dev.isostream.Position;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Sink;
import dev.isostream.spi.SinkRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Publishes under the producer's name, with its numbers as publishing ids: each stream's writer
 * leaves out what is not above the highest number that it has of that name (contract P4). The
 * engine has one append out at a time and repeats the lowest numbers first, so nothing is left out
 * that is not there.
 *
 * <p>What fails takes all that is undecided with it, and the connection; the next append opens
 * another one under the same name.
 */
final class RabbitSink implements Sink {

  /** Publishers of one connection. */
  static final int MOST_PARTITIONS = 255;

  private final RabbitCluster cluster;
  private final RabbitTopic topic;
  private final String name;
  private final long idBase;

  /** Guarded by this. */
  private @Nullable Links links;

  private boolean closed;

  RabbitSink(RabbitCluster cluster, RabbitTopic topic, String name) {
    this.cluster = cluster;
    this.topic = topic;
    this.name = name;
    this.idBase = idBase(name);
    if (topic.partitions() > MOST_PARTITIONS) {
      throw RabbitErrors.of(
          ErrorKind.INVALID,
          "Publishing to topic \""
              + topic.name()
              + "\" with "
              + topic.partitions()
              + " partitions, where "
              + MOST_PARTITIONS
              + " are allowed,",
          null);
    }
  }

  /** The name's bits, spread over all 64, so that the ids of producers lie far apart. */
  private static long idBase(String name) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < name.length(); i++) {
      hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
    }
    hash ^= hash >>> 29;
    hash *= 0xbf58476d1ce4e5b9L;
    return (hash ^ (hash >>> 32)) & 0x0fff_ffff_ffff_ffffL;
  }

  /** Connects, so that what is not permitted shows at once. Blocks. */
  RabbitSink open() {
    Links opened = new Links();
    try {
      opened.open();
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
    synchronized (this) {
      links = opened;
    }
    return this;
  }

  /** The connections, one for each node with a leader; all end together. */
  private final class Links implements RabbitLink.Listener {
    private final List<RabbitLink> opened = new ArrayList<>();
    private final Map<Integer, RabbitLink> byPartition = new HashMap<>();

    /** By partition and publishing id. */
    private final Map<Integer, Map<Long, SinkRecord>> undecided = new HashMap<>();

    private boolean broken;

    /** Blocks. */
    void open() {
      Map<RabbitNode, RabbitLink> byNode = new HashMap<>();
      Map<String, RabbitNode> leaders = cluster.leaders(topic.streams());
      for (int number = 0; number < topic.partitions(); number++) {
        String stream = topic.streams().get(number);
        RabbitNode node = leaders.get(stream);
        if (node == null) {
          throw new AssertionError(stream);
        }
        RabbitLink link = byNode.get(node);
        if (link == null) {
          link = cluster.open(node, "producer", this);
          byNode.put(node, link);
          synchronized (this) {
            opened.add(link);
          }
        }
        link.declarePublisher(number, name, stream);
        synchronized (this) {
          byPartition.put(number, link);
          undecided.put(number, new HashMap<>());
        }
      }
    }

    /** False where the connection was lost before anything was written. */
    boolean publish(int partition, List<SinkRecord> records) {
      long[] ids = new long[records.size()];
      List<Message> messages = new ArrayList<>(ids.length);
      RabbitLink link;
      synchronized (this) {
        link = byPartition.get(partition);
        Map<Long, SinkRecord> waiting = undecided.get(partition);
        if (broken || link == null || waiting == null || !link.isOpen()) {
          return false;
        }
        for (int i = 0; i < ids.length; i++) {
          ids[i] = records.get(i).sequence() + 1;
          messages.add(RabbitRecords.toNative(records.get(i), id(records.get(i))));
          waiting.put(ids[i], records.get(i));
        }
      }
      try {
        link.publish(partition, messages, ids);
      } catch (IllegalArgumentException e) {
        tooLarge(partition, link, messages, ids, e);
      } catch (RuntimeException e) {
        fail(RabbitErrors.translate(doing(), e));
      }
      return true;
    }

    /** One of them fits no frame, and nothing was written: one by one. */
    private void tooLarge(
        int partition,
        RabbitLink link,
        List<Message> messages,
        long[] ids,
        IllegalArgumentException failure) {
      if (ids.length == 1) {
        SinkRecord record = take(partition, ids[0]);
        if (record != null) {
          record.failed(
              ErrorKind.TOO_LARGE, false, RabbitErrors.of(ErrorKind.TOO_LARGE, doing(), failure));
        }
        return;
      }
      for (int i = 0; i < ids.length; i++) {
        List<Message> one = List.of(messages.get(i));
        long[] id = {ids[i]};
        try {
          link.publish(partition, one, id);
        } catch (IllegalArgumentException e) {
          tooLarge(partition, link, one, id, e);
        } catch (RuntimeException e) {
          fail(RabbitErrors.translate(doing(), e));
          return;
        }
      }
    }

    private synchronized @Nullable SinkRecord take(int partition, long id) {
      Map<Long, SinkRecord> waiting = undecided.get(partition);
      return waiting == null ? null : waiting.remove(id);
    }

    @Override
    public void confirmed(int publisher, long id) {
      SinkRecord record = take(publisher, id);
      if (record != null) {
        record.stored(new Asking(publisher, id(record)));
      }
    }

    @Override
    public void refused(int publisher, long id, short code) {
      fail(RabbitErrors.refused(doing(), code));
    }

    @Override
    public void unavailable(String stream, short code) {
      if (topic.streams().contains(stream)) {
        fail(RabbitErrors.of(ErrorKind.UNAVAILABLE, doing(), null));
      }
    }

    @Override
    public void lost() {
      fail(RabbitErrors.of(ErrorKind.UNAVAILABLE, doing(), null));
    }

    /** All that is undecided may be stored. */
    void fail(DriverException cause) {
      List<SinkRecord> all = new ArrayList<>();
      synchronized (this) {
        broken = true;
        for (Map<Long, SinkRecord> waiting : undecided.values()) {
          all.addAll(waiting.values());
          waiting.clear();
        }
      }
      forget(this);
      close();
      all.forEach(record -> record.failed(cause.kind(), true, cause));
    }

    void close() {
      List<RabbitLink> all;
      synchronized (this) {
        broken = true;
        all = List.copyOf(opened);
      }
      all.forEach(RabbitLink::close);
    }
  }

  private long id(SinkRecord record) {
    return idBase + record.sequence();
  }

  private String doing() {
    return "Publishing to topic \"" + topic.name() + "\"";
  }

  private synchronized void forget(Links lost) {
    if (links == lost) {
      links = null;
    }
  }

  @Override
  public void append(List<? extends SinkRecord> records) {
    Map<Integer, List<SinkRecord>> byPartition = new HashMap<>();
    for (SinkRecord record : records) {
      byPartition.computeIfAbsent(partition(record), number -> new ArrayList<>()).add(record);
    }
    Links open;
    synchronized (this) {
      open = links;
    }
    if (open == null) {
      connectAndPublish(byPartition);
    } else {
      publish(open, byPartition);
    }
  }

  /** Without a key, the number decides: it is the same when the record is sent again. */
  private int partition(SinkRecord record) {
    byte[] key = record.key();
    return key == null
        ? (int) Math.floorMod(id(record), (long) topic.partitions())
        : topic.partitionOf(key);
  }

  private void connectAndPublish(Map<Integer, List<SinkRecord>> byPartition) {
    try {
      cluster
          .blocking()
          .execute(
              () -> {
                try {
                  open();
                } catch (RuntimeException e) {
                  failUnwritten(byPartition, RabbitErrors.translate(doing(), e));
                  return;
                }
                Links opened;
                boolean late;
                synchronized (this) {
                  opened = links;
                  late = closed;
                }
                if (opened == null || late) {
                  failUnwritten(
                      byPartition,
                      RabbitErrors.of(
                          late ? ErrorKind.CLOSED : ErrorKind.UNAVAILABLE, doing(), null));
                  closeLinks();
                } else {
                  publish(opened, byPartition);
                }
              });
    } catch (RejectedExecutionException e) {
      failUnwritten(byPartition, RabbitErrors.of(ErrorKind.CLOSED, doing(), e));
    }
  }

  private void publish(Links open, Map<Integer, List<SinkRecord>> byPartition) {
    byPartition.forEach(
        (partition, records) -> {
          if (!open.publish(partition, records)) {
            DriverException cause = RabbitErrors.of(ErrorKind.UNAVAILABLE, doing(), null);
            records.forEach(record -> record.failed(cause.kind(), false, cause));
          }
        });
  }

  private static void failUnwritten(
      Map<Integer, List<SinkRecord>> byPartition, DriverException cause) {
    byPartition
        .values()
        .forEach(records -> records.forEach(record -> record.failed(cause.kind(), false, cause)));
  }

  /** A message is written at once. */
  @Override
  public void hurry() {}

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    closeLinks();
  }

  private void closeLinks() {
    Links last;
    synchronized (this) {
      last = links;
    }
    if (last != null) {
      last.fail(RabbitErrors.of(ErrorKind.CLOSED, doing(), null));
    }
  }

  /** How a message's position is asked for. */
  private final class Asking implements Supplier<CompletionStage<Position>> {
    private final int partition;
    private final long id;

    Asking(int partition, long id) {
      this.partition = partition;
      this.id = id;
    }

    @Override
    public CompletionStage<Position> get() {
      RabbitTopic.Partition where = topic.partition(partition);
      return cluster.async(
          "Asking for the position of a message",
          () -> where.position(RabbitSearch.find(cluster, where.stream(), id)));
    }
  }
}
