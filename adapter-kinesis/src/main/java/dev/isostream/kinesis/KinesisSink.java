package dev.isostream.kinesis;

import dev.isostream.Position;
import dev.isostream.kinesis.KinesisAggregate.Entry;
import dev.isostream.kinesis.KinesisShards.Shard;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Sink;
import dev.isostream.spi.SinkRecord;
import dev.isostream.spi.SinkSpec;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResultEntry;

/**
 * Puts records, in each what goes to one shard, in its order. There is one record for each shard in
 * a request, and the next one of a shard goes when that is stored: so it does not matter in which
 * order the service stores what is in a request, or which part of it it refuses. What fails takes
 * the later ones of its shard in the same append with it.
 *
 * <p>Nothing is put again here. What the engine hands in again, and may be stored since no reply
 * said that it is not, is looked for before it is put. A record that comes to lie in another shard
 * than it was made for fails, unless that shard takes each of its messages: receivers leave out
 * what does not belong to their shard.
 */
final class KinesisSink implements Sink {

  /** As the Kinesis Producer Library has it. */
  static final int MAX_AGGREGATE_BYTES = 50 << 10;

  private static final int MAX_REQUEST_RECORDS = 500;
  private static final int MAX_REQUEST_BYTES = 4 << 20;
  private static final int SERVER_ERROR = 500;

  private final KinesisClients clients;
  private final KinesisStream stream;
  private final String producerId;
  private final KinesisDoubts doubts;

  /** Null where they have to be listed anew. */
  private final AtomicReference<@Nullable CompletableFuture<KinesisShards>> shards =
      new AtomicReference<>();

  /** Guarded by itself. */
  private final Set<Batch> undecided = new HashSet<>();

  private boolean closed;

  KinesisSink(KinesisClients clients, KinesisStream stream, KinesisShards shards, SinkSpec spec) {
    this.clients = clients;
    this.stream = stream;
    this.producerId = spec.producerId();
    this.doubts = new KinesisDoubts(clients, stream);
    this.shards.set(CompletableFuture.completedFuture(shards));
  }

  /** A message on its way. */
  private record Sending(SinkRecord record, Entry entry, BigInteger hash) {}

  /** A record to be put, and the messages in it. */
  private record Native(PutRecordsRequestEntry entry, int bytes, Shard shard, List<Sending> all) {}

  private String doing() {
    return "Publishing to topic \"" + stream.name() + "\"";
  }

  @Override
  public void append(List<? extends SinkRecord> records) {
    Batch batch = new Batch(List.copyOf(records));
    synchronized (undecided) {
      if (!closed) {
        undecided.add(batch);
      }
    }
    if (closed) {
      batch.failAll(ErrorKind.CLOSED, KinesisErrors.of(ErrorKind.CLOSED, doing(), null));
      return;
    }
    if (records.stream().anyMatch(record -> doubts.has(record.sequence()))) {
      shards.set(null); // where they may be, and where they would go now
    }
    var unused =
        shards()
            .whenComplete(
                (known, failure) -> {
                  if (known == null) {
                    DriverException cause =
                        KinesisErrors.translate(
                            doing(), failure == null ? new IllegalStateException() : failure);
                    batch.failAll(cause.kind(), cause);
                  } else {
                    batch.begin(known);
                  }
                });
  }

  private CompletableFuture<KinesisShards> shards() {
    CompletableFuture<KinesisShards> known = shards.get();
    if (known != null && !known.isCompletedExceptionally()) {
      return known;
    }
    CompletableFuture<KinesisShards> asked = KinesisStream.shards(clients.kinesis(), stream.name());
    shards.set(asked);
    return asked;
  }

  private void forget(KinesisShards stale) {
    CompletableFuture<KinesisShards> known = shards.get();
    if (known != null && known.getNow(null) == stale) {
      shards.compareAndSet(known, null);
    }
  }

  /** The messages of one append, until the last one is decided. */
  private final class Batch {
    private final List<SinkRecord> records;
    private final Set<SinkRecord> open = new HashSet<>();
    private boolean written;

    Batch(List<SinkRecord> records) {
      this.records = records;
      this.open.addAll(records);
    }

    private boolean take(SinkRecord record) {
      boolean mine;
      boolean last;
      synchronized (this) {
        mine = open.remove(record);
        last = open.isEmpty();
      }
      if (last) {
        synchronized (undecided) {
          undecided.remove(this);
        }
      }
      return mine;
    }

    private void fail(SinkRecord record, ErrorKind kind, boolean maybeStored, Throwable cause) {
      if (take(record)) {
        record.failed(kind, maybeStored, cause);
      }
    }

    void failAll(ErrorKind kind, Throwable cause) {
      boolean maybeStored;
      synchronized (this) {
        maybeStored = written;
      }
      records.forEach(record -> fail(record, kind, maybeStored, cause));
    }

    void begin(KinesisShards known) {
      doubts.forgetBefore(
          records.stream().mapToLong(SinkRecord::sequence).min().orElse(Long.MAX_VALUE));
      Map<Long, Entry> doubtful = new HashMap<>();
      for (SinkRecord record : records) {
        if (doubts.has(record.sequence())) {
          doubtful.put(record.sequence(), KinesisRecords.toNative(record, producerId));
        }
      }
      if (doubtful.isEmpty()) {
        put(known);
        return;
      }
      var unused =
          doubts
              .look(known, doubtful)
              .whenComplete(
                  (found, failure) -> {
                    if (found != null) {
                      found(found);
                    } else {
                      DriverException cause =
                          KinesisErrors.translate(
                              doing(), failure == null ? new IllegalStateException() : failure);
                      if (cause.kind().isRetriable()) {
                        failAll(cause.kind(), cause);
                        return;
                      }
                      // whoever may not read does not know, and puts it
                    }
                    put(known);
                  });
    }

    private void found(Map<Long, KinesisDoubts.Found> found) {
      for (SinkRecord record : records) {
        KinesisDoubts.Found there = found.get(record.sequence());
        if (there != null) {
          stored(record, there.shard(), there.id());
        }
      }
    }

    private synchronized boolean isOpen(SinkRecord record) {
      return open.contains(record);
    }

    private void put(KinesisShards known) {
      synchronized (this) {
        written = true;
      }
      next(known, natives(known));
    }

    /** The next record of each shard. */
    private void next(KinesisShards known, Map<String, Deque<Native>> left) {
      List<Native> request = new ArrayList<>();
      int bytes = 0;
      for (Deque<Native> ofShard : left.values()) {
        Native first = ofShard.poll();
        if (first == null) {
          continue;
        }
        if (!request.isEmpty()
            && (request.size() == MAX_REQUEST_RECORDS || bytes + first.bytes > MAX_REQUEST_BYTES)) {
          send(known, request, left);
          request = new ArrayList<>();
          bytes = 0;
        }
        request.add(first);
        bytes += first.bytes;
      }
      if (!request.isEmpty()) {
        send(known, request, left);
      }
    }

    /** By shard, each in the order of the append. */
    private Map<String, Deque<Native>> natives(KinesisShards known) {
      Map<String, List<Sending>> byShard = new LinkedHashMap<>();
      Map<String, Integer> sizes = new HashMap<>();
      Map<String, Deque<Native>> made = new ConcurrentHashMap<>();
      for (SinkRecord record : records) {
        if (!isOpen(record)) {
          continue; // it is there already
        }
        Entry entry = KinesisRecords.toNative(record, producerId);
        BigInteger hash = entry.hash();
        Shard shard = known.taking(hash);
        if (shard == null) {
          forget(known);
          fail(record, ErrorKind.UNAVAILABLE, false, unavailable());
          continue;
        }
        int size = entry.sizeBytes();
        List<Sending> together = byShard.computeIfAbsent(shard.name(), n -> new ArrayList<>());
        int before = sizes.getOrDefault(shard.name(), 0);
        if (!together.isEmpty() && before + size > MAX_AGGREGATE_BYTES) {
          make(shard, List.copyOf(together), made);
          together.clear();
          before = 0;
        }
        together.add(new Sending(record, entry, hash));
        sizes.put(shard.name(), before + size);
      }
      byShard.forEach(
          (name, together) -> {
            Shard shard = known.get(name);
            if (!together.isEmpty() && shard != null) {
              make(shard, List.copyOf(together), made);
            }
          });
      return made;
    }

    private DriverException unavailable() {
      return KinesisErrors.of(ErrorKind.UNAVAILABLE, doing(), null);
    }

    private void make(Shard shard, List<Sending> together, Map<String, Deque<Native>> made) {
      List<Entry> entries = together.stream().map(Sending::entry).toList();
      byte[] data = KinesisAggregate.write(entries);
      String partitionKey = entries.get(0).partitionKey();
      int bytes = data.length + partitionKey.length() * 3;
      if (bytes > KinesisLimits.MAX_RECORD_BYTES) {
        DriverException cause = KinesisErrors.of(ErrorKind.TOO_LARGE, doing(), null);
        together.forEach(each -> fail(each.record, ErrorKind.TOO_LARGE, false, cause));
        return;
      }
      made.computeIfAbsent(shard.name(), name -> new ArrayDeque<>())
          .add(
              new Native(
                  PutRecordsRequestEntry.builder()
                      .partitionKey(partitionKey)
                      .data(SdkBytes.fromByteArrayUnsafe(data))
                      .build(),
                  bytes,
                  shard,
                  together));
    }

    private void send(KinesisShards known, List<Native> request, Map<String, Deque<Native>> left) {
      CompletableFuture<PutRecordsResponse> answer;
      long begun = clients.nanoTime();
      try {
        answer =
            clients
                .kinesis()
                .putRecords(
                    r ->
                        r.streamName(stream.name())
                            .records(request.stream().map(Native::entry).toList()));
      } catch (RuntimeException e) {
        answer = CompletableFuture.failedFuture(e);
      }
      var unused =
          answer.whenComplete(
              (response, failure) -> {
                if (response == null) {
                  Throwable problem = failure == null ? new IllegalStateException() : failure;
                  refused(request, left, begun, problem);
                } else {
                  decide(known, request, left, begun, response);
                }
              });
    }

    private void refused(
        List<Native> request, Map<String, Deque<Native>> left, long begun, Throwable failure) {
      Throwable bare = KinesisErrors.bare(failure);
      DriverException cause = KinesisErrors.translate(doing(), failure);
      // a service that answers with an error has stored nothing, but for its own failures
      boolean answered =
          bare instanceof AwsServiceException service && service.statusCode() < SERVER_ERROR;
      boolean maybeStored = !answered && !KinesisErrors.isUnwritten(failure);
      request.forEach(
          each -> {
            if (maybeStored) {
              doubt(each, begun);
            }
            failed(each, left, maybeStored, cause);
          });
    }

    private void doubt(Native sent, long begun) {
      sent.all.forEach(each -> doubts.add(each.record.sequence(), sent.shard.name(), begun));
    }

    private void decide(
        KinesisShards known,
        List<Native> request,
        Map<String, Deque<Native>> left,
        long begun,
        PutRecordsResponse response) {
      List<PutRecordsResultEntry> results = response.records();
      List<CompletableFuture<Void>> looks = new ArrayList<>();
      for (int i = 0; i < request.size(); i++) {
        Native sent = request.get(i);
        PutRecordsResultEntry result = i < results.size() ? results.get(i) : null;
        String code = result == null ? "no result" : result.errorCode();
        if (result == null || code != null) {
          // of a failure of its own the service does not say what is left of it
          boolean throttled = "ProvisionedThroughputExceededException".equals(code);
          if (!throttled) {
            doubt(sent, begun);
          }
          failed(sent, left, !throttled, refusal("Kinesis refuses it for now: " + code));
        } else if (result.shardId().equals(sent.shard.name())) {
          stored(sent, result);
        } else {
          forget(known);
          looks.add(look(sent, left, result));
        }
      }
      var unused =
          CompletableFuture.allOf(looks.toArray(CompletableFuture[]::new))
              .whenComplete(
                  (nothing, problem) -> {
                    Map<String, Deque<Native>> mine = new LinkedHashMap<>();
                    request.forEach(
                        sent -> {
                          Deque<Native> later = left.get(sent.shard.name());
                          if (later != null) {
                            mine.put(sent.shard.name(), later);
                          }
                        });
                    next(known, mine);
                  });
    }

    /** It came to lie in another shard; that is right where the shard takes all of it. */
    private CompletableFuture<Void> look(
        Native sent, Map<String, Deque<Native>> left, PutRecordsResultEntry result) {
      return shards()
          .handle(
              (now, failure) -> {
                Shard landed = now == null ? null : now.get(result.shardId());
                if (landed != null && sent.all.stream().allMatch(s -> landed.takes(s.hash))) {
                  stored(sent, result);
                } else {
                  failed(
                      sent,
                      left,
                      true,
                      refusal(
                          "the stream was resharded meanwhile; the record came to lie in "
                              + result.shardId()));
                }
                return null;
              });
    }

    private DriverException refusal(String why) {
      return new DriverException(ErrorKind.UNAVAILABLE, doing() + " failed: " + why, null);
    }

    /** With what was to follow it, which was not written. */
    private void failed(
        Native sent, Map<String, Deque<Native>> left, boolean maybeStored, DriverException cause) {
      sent.all.forEach(each -> fail(each.record, cause.kind(), maybeStored, cause));
      Deque<Native> later = left.remove(sent.shard.name());
      if (later != null) {
        ErrorKind kind = cause.kind().isRetriable() ? cause.kind() : ErrorKind.UNAVAILABLE;
        later.forEach(n -> n.all.forEach(each -> fail(each.record, kind, false, cause)));
      }
    }

    private void stored(Native sent, PutRecordsResultEntry result) {
      BigInteger sequence = new BigInteger(result.sequenceNumber());
      for (int i = 0; i < sent.all.size(); i++) {
        stored(sent.all.get(i).record, result.shardId(), new KinesisId(sequence, i));
      }
    }

    private void stored(SinkRecord record, String shard, KinesisId id) {
      doubts.settle(record.sequence());
      if (take(record)) {
        Position position = stream.position(shard, id);
        record.stored(() -> CompletableFuture.completedFuture(position));
      }
    }
  }

  /** Nothing is held back. */
  @Override
  public void hurry() {}

  @Override
  public void close() {
    List<Batch> all;
    synchronized (undecided) {
      closed = true;
      all = List.copyOf(undecided);
    }
    DriverException cause = KinesisErrors.of(ErrorKind.CLOSED, doing(), null);
    all.forEach(batch -> batch.failAll(ErrorKind.CLOSED, cause));
  }
}
