package dev.isostream.kinesis;

import dev.isostream.kinesis.KinesisAggregate.Entry;
import dev.isostream.kinesis.KinesisAggregate.Tag;
import dev.isostream.kinesis.KinesisShards.Shard;
import java.math.BigInteger;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kinesis.model.Record;

/**
 * Messages of a producer that may be stored though no reply said so, and looking for them before
 * they are put again. Receivers know a second copy within a shard, but not one in a shard that took
 * the other's place meanwhile (contract P4). Thread-safe.
 *
 * <p>A request that is still on its way may arrive after the look. Behind a closed shard nothing
 * does.
 */
final class KinesisDoubts {

  private final KinesisClients clients;
  private final KinesisStream stream;

  /** By the message's number: when it was put into which shard, for the first time. */
  private final ConcurrentSkipListMap<Long, Map<String, Long>> puts = new ConcurrentSkipListMap<>();

  KinesisDoubts(KinesisClients clients, KinesisStream stream) {
    this.clients = clients;
    this.stream = stream;
  }

  /** Where a message was found. */
  record Found(String shard, KinesisId id) {}

  /** What tells one message from all others: its tags hold producer and number. */
  private record Mark(String partitionKey, List<Tag> tags) {
    static Mark of(Entry entry) {
      return new Mark(entry.partitionKey(), entry.tags());
    }
  }

  /** It may be stored there by a request that began then. */
  void add(long sequence, String shard, long begunNanos) {
    puts.computeIfAbsent(sequence, s -> new ConcurrentHashMap<>()).putIfAbsent(shard, begunNanos);
  }

  boolean has(long sequence) {
    return puts.containsKey(sequence);
  }

  /** It is known by now. */
  void settle(long sequence) {
    if (!puts.isEmpty()) {
      puts.remove(sequence);
    }
  }

  /** Those before are not sent again. */
  void forgetBefore(long sequence) {
    if (!puts.isEmpty()) {
      puts.headMap(sequence).clear();
    }
  }

  /**
   * Looks for those of these messages that are in doubt.
   *
   * <p>Fails: as the client does.
   *
   * @return by number, those that are there
   */
  CompletableFuture<Map<Long, Found>> look(KinesisShards now, Map<Long, Entry> messages) {
    Map<Mark, Long> marks = new HashMap<>();
    Map<String, Long> since = new HashMap<>();
    messages.forEach(
        (sequence, entry) -> {
          marks.put(Mark.of(entry), sequence);
          puts.getOrDefault(sequence, Map.of())
              .forEach((shard, begun) -> since.merge(shard, begun, KinesisDoubts::earlier));
        });
    Map<Long, Found> found = new ConcurrentHashMap<>();
    KinesisPlaces places = new KinesisPlaces(clients.kinesis(), stream, now);
    CompletableFuture<?>[] looks =
        since.entrySet().stream()
            .filter(each -> now.get(each.getKey()) != null) // what was in another is gone with it
            .map(
                each ->
                    places.readSince(
                        each.getKey(),
                        Duration.ofNanos(clients.nanoTime() - each.getValue()),
                        record -> compare(now.get(each.getKey()), record, marks, found)))
            .toArray(CompletableFuture[]::new);
    return CompletableFuture.allOf(looks).thenApply(done -> found);
  }

  private static Long earlier(Long one, Long other) {
    return one - other <= 0 ? one : other;
  }

  private static void compare(
      @Nullable Shard shard, Record record, Map<Mark, Long> marks, Map<Long, Found> found) {
    List<Entry> entries = KinesisAggregate.read(record.data().asByteArrayUnsafe());
    if (shard == null || entries == null || !KinesisRecords.belongs(entries, shard)) {
      return; // receivers pass over it
    }
    BigInteger number = new BigInteger(record.sequenceNumber());
    for (int i = 0; i < entries.size(); i++) {
      Long sequence = marks.get(Mark.of(entries.get(i)));
      if (sequence != null) {
        found.putIfAbsent(sequence, new Found(shard.name(), new KinesisId(number, i)));
      }
    }
  }
}
