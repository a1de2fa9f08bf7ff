package dev.isostream.engine.consume;

import dev.isostream.Position;
import dev.isostream.engine.consume.LaneState.Phase;
import dev.isostream.engine.publish.DuplicateFilter;
import dev.isostream.spi.Lane;
import dev.isostream.spi.Place;
import dev.isostream.spi.SourceListener;
import dev.isostream.spi.SourceRecord;
import dev.isostream.spi.StoredCursor;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the source tells of lanes: that they come and go, and what is in them. On the loop. */
final class LaneEvents<T> implements SourceListener {

  private final MemberLoop<T> member;
  private final LaneOpener<T> opener;
  private final Handover<T> handover;

  LaneEvents(MemberLoop<T> member, LaneOpener<T> opener, Handover<T> handover) {
    this.member = member;
    this.opener = opener;
    this.handover = handover;
  }

  @Override
  public void records(Lane lane, List<? extends SourceRecord> records) {
    LaneState<T> state = member.lanes().get(lane);
    if (state != null && state.phase == Phase.ACTIVE) {
      member.intake().accept(state, records);
    }
  }

  @Override
  public void ended(Lane lane) {
    LaneState<T> state = member.lanes().get(lane);
    if (state != null) {
      state.ended = true;
      member.committer().wantNow(state);
      opener.replaced();
    }
  }

  @Override
  public void removed(Lane lane, Place earliest, @Nullable Position first) {
    LaneState<T> state = member.lanes().get(lane);
    if (state != null && state.phase == Phase.ACTIVE) {
      Position expected = state.expected();
      if (expected != null) {
        member.figures().gap(expected, earliest, state.dense());
        member.told().gap(lane.name(), expected, first);
      }
      if (state.isSettled()) {
        state.startAt(earliest);
        member.committer().wantNow(state);
      }
      member.source().read(lane, earliest);
    }
  }

  @Override
  public void assigned(Lane lane, @Nullable StoredCursor cursor) {
    if (member.isEnding()) {
      return;
    }
    DuplicateFilter duplicates =
        member.traits().refusesDuplicates()
            ? null
            : new DuplicateFilter(member.driver().limits().duplicateWindow());
    LaneState<T> state = new LaneState<>(member, lane, duplicates);
    member.lanes().add(state);
    opener.open(state, cursor);
  }

  @Override
  public void revoking(Lane lane) {
    LaneState<T> state = member.lanes().get(lane);
    if (state != null) {
      handover.begin(state);
    } else {
      member.release(lane);
    }
  }

  @Override
  public void lost(Lane lane) {
    LaneState<T> state = member.lanes().get(lane);
    if (state != null) {
      handover.gone(state);
      member.told().lost(Set.of(lane.name()));
    }
  }

  @Override
  public boolean awaitReleases(Duration limit) {
    return handover.awaitReleases(limit);
  }
}
