package dev.isostream.engine.simulation;

import dev.isostream.GroupAdmin;
import dev.isostream.Limits;
import dev.isostream.spi.Admin;
import dev.isostream.spi.Driver;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.DriverTraits;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.LeaseStore;
import dev.isostream.spi.Place;
import dev.isostream.spi.Sink;
import dev.isostream.spi.SinkSpec;
import dev.isostream.spi.Source;
import dev.isostream.spi.StoredCursor;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The driver as one process has it. */
final class SimDriver implements Driver, Admin {

  private final SimBroker broker;
  private final SimProcess process;
  private boolean answersAtOnce;

  SimDriver(SimBroker broker, SimProcess process) {
    this.broker = broker;
    this.process = process;
  }

  /** For callers that block: questions are answered within the call. */
  void answersAtOnce(boolean atOnce) {
    this.answersAtOnce = atOnce;
  }

  @Override
  public DriverTraits traits() {
    return broker.shape.traits();
  }

  @Override
  public Limits limits() {
    return Limits.builder()
        .openWindow(500)
        .duplicateWindow(broker.shape.refuses() ? 0 : Shape.DUPLICATE_WINDOW)
        .failoverTime(Duration.ofSeconds(6))
        .build();
  }

  @Override
  public Sink openSink(SinkSpec spec) {
    return new SimSink(broker, process, broker.topic(spec.topic()), spec);
  }

  @Override
  public GroupSource openGroup(GroupSpec spec) {
    return new SimGroupSource(broker, process, broker.group(spec.topic(), spec.group()), spec);
  }

  @Override
  public Source openReader(String topic) {
    return new SimSource(broker, process, broker.topic(topic), null, 100);
  }

  @Override
  public Admin admin() {
    return this;
  }

  @Override
  public LeaseStore leases(GroupSpec spec) {
    return broker.group(spec.topic(), spec.group()).table.client(process, broker.faults.leases);
  }

  @Override
  public <T> Optional<T> unwrap(Class<T> type) {
    return Optional.empty();
  }

  @Override
  public void close() {}

  // --- admin

  private <V extends @Nullable Object> CompletionStage<V> ask(Supplier<V> question) {
    if (answersAtOnce) {
      return CompletableFuture.completedFuture(question.get());
    }
    CompletableFuture<V> answer = new CompletableFuture<>();
    boolean fails = broker.world.chance(broker.faults.adminFails);
    broker.after(
        null,
        () -> {
          V value = fails ? null : question.get();
          broker.after(
              process,
              () -> {
                if (fails) {
                  answer.completeExceptionally(
                      new DriverException(ErrorKind.UNAVAILABLE, "simulated", null));
                } else {
                  answer.complete(value);
                }
              });
        });
    return answer;
  }

  @Override
  public CompletionStage<Optional<TopicInfo>> describeTopic(String name) {
    return ask(
        () -> {
          SimTopic topic = broker.topics.get(name);
          if (topic == null) {
            return Optional.empty();
          }
          List<String> names = topic.partitions.stream().map(p -> p.name).toList();
          return Optional.of(new TopicInfo(name, names, null));
        });
  }

  @Override
  public CompletionStage<Map<String, Place>> locate(String topic, Map<String, Place> places) {
    return ask(
        () -> {
          Map<String, Place> found = new HashMap<>();
          places.forEach((lane, place) -> found.put(lane, broker.topic(topic).locate(lane, place)));
          return found;
        });
  }

  @Override
  public CompletionStage<Optional<GroupInfo>> describeGroup(String topic, String name) {
    return ask(
        () -> {
          SimGroup group = broker.findGroup(topic, name);
          if (group == null || group.cursors().isEmpty()) {
            return Optional.empty();
          }
          Map<String, LaneInfo> lanes = new HashMap<>();
          for (Map.Entry<String, StoredCursor> each : group.cursors().entrySet()) {
            boolean anchor = group.row(each.getKey()).anchor;
            lanes.put(each.getKey(), new LaneInfo(each.getValue(), anchor, -1, false));
          }
          return Optional.of(new GroupInfo(List.<GroupAdmin.Member>of(), lanes));
        });
  }

  @Override
  public CompletionStage<Void> createTopic(String topic, int partitions) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Void> growTopic(String topic, int partitions) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Void> deleteTopic(String topic) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Set<String>> listTopics() {
    return ask(() -> Set.copyOf(broker.topics.keySet()));
  }

  @Override
  public CompletionStage<Set<String>> listGroups(String topic) {
    return ask(() -> Set.of());
  }

  @Override
  public CompletionStage<Void> writeCursors(
      String topic, String group, Map<String, StoredCursor> cursors) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<Void> deleteGroup(String topic, String group) {
    throw new UnsupportedOperationException();
  }
}
