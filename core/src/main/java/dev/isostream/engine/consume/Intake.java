package dev.isostream.engine.consume;

import dev.isostream.engine.Nanos;
import dev.isostream.engine.cursor.Failures;
import dev.isostream.engine.cursor.Spot;
import dev.isostream.spi.SourceRecord;
import java.time.Duration;
import java.util.List;

/** Turns records as read into deliveries that wait for their turn. Confined to the loop. */
final class Intake<T> {

  private final MemberLoop<T> member;

  Intake(MemberLoop<T> member) {
    this.member = member;
  }

  void accept(LaneState<T> lane, List<? extends SourceRecord> messages) {
    for (int i = 0; i < messages.size(); i++) {
      accept(lane, messages.get(i));
    }
    member.flow().balance(member.nanoTime());
  }

  private void accept(LaneState<T> lane, SourceRecord message) {
    Failures failures = lane.failuresOf(message);
    HeldDelivery<T> delivery =
        new HeldDelivery<>(lane, message, failures == null ? 1 : 1 + failures.count());
    delivery.sequence = lane.window.add(delivery, message);
    member.flow().opened(delivery);
    boolean suspect = lane.notes.meet(delivery);
    if (lane.wasSettled(message) || (lane.duplicates != null && lane.duplicates.isCopy(message))) {
      member.settler().settleUnseen(delivery);
      return;
    }
    if (suspect || failures != null) {
      lane.window.touch(delivery);
    }
    if (suspect) {
      delivery.suspect = true;
      lane.notes.suspectOpened();
    }
    KeyChain<T> chain = lane.chains.chainOf(message);
    delivery.chain = chain;
    boolean head = chain == null || chain.add(delivery);
    if (failures != null) {
      delivery.deadly = failures.deadly();
      lane.failing++;
      if (failures.delayMillis() > 0) {
        member.settler().delay(delivery, Nanos.of(Duration.ofMillis(failures.delayMillis())));
        return;
      }
    }
    if (head) {
      member.settler().ready(delivery);
    }
  }

  /** What was in hand alone when its process died is convicted of it (contract D5). */
  void convict(LaneState<T> lane) {
    Spot alone = lane.stored.alone();
    if (alone != null) {
      lane.stored
          .failures()
          .merge(
              alone,
              new Failures(1, true, 0),
              (was, one) -> new Failures(was.count() + 1, true, 0));
    }
  }
}
