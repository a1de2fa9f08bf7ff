package dev.isostream.pulsar;

import dev.isostream.Position;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Place;
import dev.isostream.spi.StoredCursor;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A group's topic, opened. Thread-safe. Blocks: never. */
final class PulsarGroup implements AutoCloseable {

  private static final int AT = 1;
  private static final int AFTER = 2;
  private static final int ORIGIN = 3;

  private final String doing;
  private final PulsarLog log;

  private PulsarGroup(String doing, PulsarLog log) {
    this.doing = doing;
    this.log = log;
  }

  /** Connects when it is first used. */
  static PulsarGroup of(PulsarClients clients, String topic, String group) {
    String doing = "Keeping group \"" + group + "\" of topic \"" + topic + "\"";
    return new PulsarGroup(
        doing,
        new PulsarLog(clients, clients.groupTopic(topic, group), doing, new PulsarGroupState()));
  }

  /** Makes the topic, if there is none yet. */
  static CompletableFuture<Void> create(PulsarClients clients, String topic, String group) {
    String name = clients.groupTopic(topic, group);
    String doing = "Making group \"" + group + "\" of topic \"" + topic + "\"";
    return clients
        .exists(doing, name)
        .thenCompose(
            there ->
                there
                    ? CompletableFuture.completedFuture(null)
                    : clients.start(
                        doing,
                        () ->
                            unlessThere(
                                clients.admin().topics().createNonPartitionedTopicAsync(name))));
  }

  private static CompletableFuture<Void> unlessThere(CompletableFuture<Void> making) {
    return making.exceptionally(
        failure -> {
          if (PulsarErrors.kind(failure) == ErrorKind.ALREADY_EXISTS) {
            return null;
          }
          throw failure instanceof RuntimeException known
              ? known
              : new IllegalStateException(failure);
        });
  }

  /**
   * Appends an operation.
   *
   * @param outcome of what it came to, if it was not refused
   */
  <T> CompletableFuture<T> submit(byte[] operation, Function<@Nullable Object, T> outcome) {
    return log.submit(operation)
        .exceptionally(
            failure -> {
              DriverException known = PulsarErrors.translate(doing, failure);
              throw known.kind() == ErrorKind.TOPIC_NOT_FOUND
                  ? PulsarErrors.of(ErrorKind.GROUP_NOT_FOUND, doing, known)
                  : known;
            })
        .thenApply(
            result -> {
              if (result == PulsarGroupState.Refusal.DELETED) {
                throw PulsarErrors.of(ErrorKind.GROUP_NOT_FOUND, doing, null);
              }
              if (result == PulsarGroupState.Refusal.ACTIVE) {
                throw PulsarErrors.of(ErrorKind.GROUP_ACTIVE, doing, null);
              }
              return outcome.apply(result);
            });
  }

  CompletableFuture<PulsarGroupState.View> view(byte[] operation) {
    return submit(
        operation,
        result -> {
          if (result instanceof PulsarGroupState.View view) {
            return view;
          }
          throw PulsarErrors.of(ErrorKind.UNKNOWN, doing, null);
        });
  }

  static PulsarGroupState.Cursor cursor(StoredCursor cursor) {
    Place place = cursor.place();
    Position position = PulsarTopic.position(place);
    if (position == null) {
      return new PulsarGroupState.Cursor(ORIGIN, 0, 0, 0, cursor.state());
    }
    if (!PulsarTopic.isPossible(position)) {
      throw new DriverException(ErrorKind.INVALID, place + " is no place of a cursor.", null);
    }
    return new PulsarGroupState.Cursor(
        place instanceof Place.At ? AT : AFTER,
        position.word(0),
        position.word(1),
        position.word(2),
        cursor.state());
  }

  static StoredCursor cursor(PulsarTopic.Partition partition, PulsarGroupState.Cursor cursor) {
    Position position = partition.position(cursor.ledger(), cursor.entry(), cursor.index());
    Place place =
        switch (cursor.kind()) {
          case AT -> new Place.At(position);
          case AFTER -> new Place.After(position);
          default -> Place.Origin.INSTANCE;
        };
    return new StoredCursor(place, cursor.state());
  }

  @Override
  public void close() {
    log.close();
  }
}
