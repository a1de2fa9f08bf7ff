package dev.isostream.engine.testing;

import dev.isostream.spi.DriverException;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.Lane;
import dev.isostream.spi.LaneCommit;
import dev.isostream.spi.Place;
import dev.isostream.spi.SourceListener;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The only member of its group; it has partition 0 of a {@link FakeLog} from the start. */
public final class FakeGroup implements GroupSource {

  private final FakeSource source;
  private boolean assigned;
  private @Nullable DriverException refusal;

  FakeGroup(FakeSource source) {
    this.source = source;
  }

  /** What commits fail with; null for nothing. */
  public void refuse(@Nullable DriverException with) {
    refusal = with;
  }

  @Override
  public void poll(Duration maxWait, SourceListener listener) {
    if (!assigned) {
      assigned = true;
      listener.assigned(new Lane("0", 1, true), null);
    }
    source.poll(maxWait, listener);
  }

  @Override
  public CompletionStage<Map<Lane, CommitOutcome>> commit(List<LaneCommit> commits) {
    DriverException failure = refusal;
    Map<Lane, CommitOutcome> outcomes = new HashMap<>();
    for (LaneCommit commit : commits) {
      outcomes.put(
          commit.lane(),
          failure == null ? new CommitOutcome.Stored() : new CommitOutcome.Failed(failure));
    }
    return CompletableFuture.completedFuture(outcomes);
  }

  @Override
  public void release(Lane lane) {
    source.stop(lane);
  }

  @Override
  public void wakeup() {
    source.wakeup();
  }

  @Override
  public void read(Lane lane, Place place) {
    source.read(lane, place);
  }

  @Override
  public void pause(Lane lane) {
    source.pause(lane);
  }

  @Override
  public void resume(Lane lane) {
    source.resume(lane);
  }

  @Override
  public void stop(Lane lane) {
    source.stop(lane);
  }

  @Override
  public boolean hasReached(Lane lane, Place end) {
    return source.hasReached(lane, end);
  }

  @Override
  public void close() {
    source.close();
  }
}
