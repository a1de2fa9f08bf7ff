package dev.isostream.kinesis;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The shards of a stream, as they were when they were listed. Immutable. */
final class KinesisShards {

  private final Map<String, Shard> byName = new LinkedHashMap<>();

  /** Those that take records, by the lowest hash that they take. */
  private final NavigableMap<BigInteger, Shard> open = new TreeMap<>();

  /**
   * A shard.
   *
   * @param parents those that it comes from, as far as they still exist
   */
  record Shard(
      String name, BigInteger lowest, BigInteger highest, boolean isOpen, Set<String> parents) {

    boolean takes(BigInteger hash) {
      return hash.compareTo(lowest) >= 0 && hash.compareTo(highest) <= 0;
    }
  }

  KinesisShards(List<software.amazon.awssdk.services.kinesis.model.Shard> listed) {
    List<software.amazon.awssdk.services.kinesis.model.Shard> sorted = new ArrayList<>(listed);
    sorted.sort((a, b) -> a.shardId().compareTo(b.shardId()));
    Set<String> names = new java.util.HashSet<>();
    sorted.forEach(each -> names.add(each.shardId()));
    for (software.amazon.awssdk.services.kinesis.model.Shard each : sorted) {
      Set<String> parents = new java.util.HashSet<>();
      keep(each.parentShardId(), names, parents);
      keep(each.adjacentParentShardId(), names, parents);
      Shard shard =
          new Shard(
              each.shardId(),
              new BigInteger(each.hashKeyRange().startingHashKey()),
              new BigInteger(each.hashKeyRange().endingHashKey()),
              each.sequenceNumberRange().endingSequenceNumber() == null,
              Set.copyOf(parents));
      byName.put(shard.name, shard);
      if (shard.isOpen) {
        open.put(shard.lowest, shard);
      }
    }
  }

  private static void keep(@Nullable String parent, Set<String> names, Set<String> parents) {
    if (parent != null && names.contains(parent)) {
      parents.add(parent);
    }
  }

  /** Open and closed ones, parents before children. */
  List<String> names() {
    return List.copyOf(byName.keySet());
  }

  int openCount() {
    return open.size();
  }

  @Nullable Shard get(String name) {
    return byName.get(name);
  }

  /** Where a record with this hash goes; null where the list is no longer whole. */
  @Nullable Shard taking(BigInteger hash) {
    Map.Entry<BigInteger, Shard> found = open.floorEntry(hash);
    return found == null || !found.getValue().takes(hash) ? null : found.getValue();
  }
}
