package dev.isostream.spi.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isostream.Position;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.ExceptionTranslator;
import dev.isostream.spi.GroupSource.CommitOutcome;
import dev.isostream.spi.Lane;
import dev.isostream.spi.LaneCommit;
import dev.isostream.spi.LeaseStore;
import dev.isostream.spi.Place;
import dev.isostream.spi.StoredCursor;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A group over a log in memory, as two members see it. */
class LogGroupTest {

  private static final Duration ACTIVE = Duration.ofSeconds(10);

  private final List<byte[]> stored = new ArrayList<>();
  private long now = 1_000_000;

  private final LogGroup one = open();
  private final LogGroup other = open();

  /** Everybody has a state of its own, and comes to the same. */
  private final class Reader implements OperationLog {
    private final GroupState state = new GroupState();
    private int applied;

    @Override
    public CompletableFuture<@Nullable Object> submit(byte[] operation) {
      stored.add(operation);
      Object outcome = null;
      while (applied < stored.size()) {
        outcome = state.apply(ByteBuffer.wrap(stored.get(applied++)), now);
      }
      return CompletableFuture.completedFuture(outcome);
    }

    @Override
    public void close() {}
  }

  private static final class Lanes implements LogLanes {
    @Override
    public List<String> names() {
      return List.of("0", "1");
    }

    @Override
    public Position position(String lane, long... words) {
      if (!names().contains(lane) || words.length != 2) {
        throw new DriverException(ErrorKind.INVALID, "none", null);
      }
      return Position.of("test", "orders", lane, null, words);
    }
  }

  private LogGroup open() {
    return new LogGroup(
        "orders",
        "billing",
        new Reader(),
        () -> CompletableFuture.completedFuture(new Lanes()),
        ExceptionTranslator.of("Test", "log", failure -> ErrorKind.UNKNOWN));
  }

  private static <T> T now(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  private static LeaseStore.Acquired take(LogGroup group, String member) {
    LeaseStore leases = group.leases(member);
    LeaseStore.Lease first = now(leases.list(member)).leases().get(0);
    return Objects.requireNonNull(now(leases.acquire(first, member)));
  }

  private static LaneCommit commit(LeaseStore.Acquired held, Place place) {
    return new LaneCommit(
        new Lane("0", held.lease().epoch(), true),
        new StoredCursor(place, new byte[] {1, 2}),
        List.of(),
        false);
  }

  private static Place after(long... words) {
    return new Place.After(new Lanes().position("0", words));
  }

  @Test
  void aCursorComesBackAsItWas() {
    List<Place> places =
        List.of(Place.Origin.INSTANCE, new Place.At(new Lanes().position("0", 5, 7)), after(5, 8));
    for (Place place : places) {
      LeaseStore.Acquired held = take(one, "a");
      LaneCommit commit = commit(held, place);
      assertThat(now(one.commit("a", List.of(commit))))
          .containsEntry(commit.lane(), new CommitOutcome.Stored());
      StoredCursor back = Objects.requireNonNull(take(other, "b").cursor());
      assertThat(back.place()).isEqualTo(place);
      assertThat(back.state()).containsExactly(1, 2);
    }
  }

  @Test
  void whoWasReplacedIsFencedAndTheOthersAreNot() {
    LeaseStore.Acquired held = take(one, "a");
    assertThat(held.lease().anchor()).isTrue();
    assertThat(take(other, "b").lease().epoch()).isGreaterThan(held.lease().epoch());
    LaneCommit late = commit(held, after(1, 1));
    assertThat(now(one.commit("a", List.of(late))).get(late.lane()))
        .isInstanceOfSatisfying(
            CommitOutcome.Failed.class,
            failed -> assertThat(failed.cause().kind()).isEqualTo(ErrorKind.FENCED));
    assertThat(now(one.leases("a").renew(List.of(held.lease()), ACTIVE))).isEmpty();
  }

  @Test
  void aGroupIsResetWhileNobodyIsLiveAndNotToNowhere() {
    var unused = take(one, "a");
    assertThat(now(other.describe(ACTIVE)).members()).hasSize(1);
    Map<String, StoredCursor> start = Map.of("0", new StoredCursor(after(3, 0), new byte[0]));
    assertFails(other.reset(ACTIVE, start), ErrorKind.GROUP_ACTIVE);
    now += ACTIVE.toMillis();
    Position foreign = Position.of("test", "orders", "0", null, 1, 2, 3);
    assertFails(
        other.reset(ACTIVE, Map.of("0", new StoredCursor(new Place.At(foreign), new byte[0]))),
        ErrorKind.INVALID);
    now(other.reset(ACTIVE, start));
    LogGroup.Described described = now(one.describe(ACTIVE));
    assertThat(described.members()).isEmpty();
    assertThat(Objects.requireNonNull(described.cursors().get("0")).place()).isEqualTo(after(3, 0));
    now(other.delete(ACTIVE));
    assertFails(one.describe(ACTIVE), ErrorKind.GROUP_NOT_FOUND);
  }

  private static void assertFails(CompletionStage<?> stage, ErrorKind kind) {
    assertThatThrownBy(() -> now(stage))
        .cause()
        .isInstanceOfSatisfying(DriverException.class, e -> assertThat(e.kind()).isEqualTo(kind));
  }
}
