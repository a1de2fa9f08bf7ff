package dev.isostream.conformance.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Position;
import dev.isostream.conformance.history.Event;
import dev.isostream.conformance.history.Event.Died;
import dev.isostream.conformance.history.Event.FaultBegan;
import dev.isostream.conformance.history.Event.How;
import dev.isostream.conformance.history.Event.Left;
import dev.isostream.conformance.history.Event.Lost;
import dev.isostream.conformance.history.Event.Outcome;
import dev.isostream.conformance.history.Event.Reset;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A history that was altered differs, unless the alteration is one that may be. */
class NormaliserTest {

  private static final Duration ACK_LOSS = Duration.ofNanos(100);

  /** Writes a history of group {@code g}; a handing is named by its number. */
  private static final class Book {
    private final List<Event> events = new ArrayList<>();
    private long time;
    private long handings;

    long handed(String member, @Nullable String key, String id, int attempt) {
      return handed(member, handings + 1, "0", key, id, attempt);
    }

    long handed(
        String member, long batch, String partition, @Nullable String key, String id, int attempt) {
      long handing = ++handings;
      events.add(
          new Event.Handed(
              ++time,
              "t-1",
              "g",
              member,
              handing,
              batch,
              id,
              key,
              partition,
              at(handing),
              attempt));
      return handing;
    }

    private static Position at(long offset) {
      return Position.of("memory", "t-1", "0", null, offset);
    }

    Book asked(long handing, How how) {
      events.add(new Event.SettleRequested(++time, handing, how));
      return this;
    }

    Book decided(long handing, Outcome outcome) {
      events.add(new Event.SettleDecided(++time, handing, outcome));
      return this;
    }

    Book done(long handing, How how) {
      return asked(handing, how).decided(handing, Outcome.DONE);
    }

    Book all(String member, @Nullable String key, String id, int attempt, How how) {
      return done(handed(member, key, id, attempt), how);
    }

    Book letter(String id, String deadId, int attempts, String reason) {
      events.add(new Event.DeadLetterFound(++time, "dead", "g", id, "k", deadId, attempts, reason));
      return this;
    }

    Book read(String key, String id) {
      events.add(new Event.Read(++time, "t-1", "again", id, key, "0", at(time), Instant.EPOCH, 0));
      return this;
    }

    Book event(Event event) {
      events.add(event);
      return this;
    }

    Book later(long nanos) {
      time += nanos;
      return this;
    }

    Normalised normalised() {
      return Normalised.of(new Recording(events, Map.of("t-1", "orders"), ACK_LOSS));
    }
  }

  /** {@code a} fails once, {@code b} is given up, {@code c} has another key and {@code d} none. */
  private static Book base() {
    return new Book()
        .all("m", "k", "a h=1", 1, How.NACK)
        .all("m", "k", "a h=1", 2, How.ACK)
        .all("m", "k", "b h=1", 1, How.DEAD_LETTER)
        .all("n", "l", "c h=1", 1, How.ACK)
        .all("n", null, "d h=1", 1, How.ACK)
        .letter("b h=1", "g@1", 1, "no use")
        .read("k", "a h=1")
        .read("k", "b h=1")
        .read("l", "c h=1");
  }

  private static Book without(int... which) {
    Book book = base();
    for (int i = which.length - 1; i >= 0; i--) {
      book.events.remove(which[i]);
    }
    return book;
  }

  private static Book swapped(int one, int two) {
    Book book = base();
    Event first = book.events.get(one);
    book.events.set(one, book.events.get(two));
    book.events.set(two, first);
    return book;
  }

  private static void same(Book book) {
    assertThat(base().normalised().differences(book.normalised())).isEmpty();
    assertThat(book.normalised()).isEqualTo(base().normalised());
  }

  private static void other(Book book, String... differences) {
    assertThat(book.normalised()).isNotEqualTo(base().normalised());
    assertThat(String.join("\n", base().normalised().differences(book.normalised())))
        .contains(differences);
  }

  @Test
  void itsLinesCanBeRead() {
    assertThat(base().normalised().lines())
        .containsExactly(
            "dead letters of group g | b h=1 | attempts 1 | no use",
            "group g | d h=1 | attempt 1 | ACK",
            "group g | a h=1 | attempt 1 | NACK",
            "group g | a h=1 | attempt 2 | ACK",
            "group g | b h=1 | attempt 1 | DEAD_LETTER",
            "group g | c h=1 | attempt 1 | ACK",
            "reader of orders again | a h=1",
            "reader of orders again | b h=1",
            "reader of orders again | c h=1");
  }

  // --- differs

  @Test
  void aSwappedPairOfAKeyDiffers() {
    Book book =
        new Book()
            .all("m", "k", "b h=1", 1, How.DEAD_LETTER)
            .all("m", "k", "a h=1", 1, How.NACK)
            .all("m", "k", "a h=1", 2, How.ACK);
    book.events.addAll(base().events.subList(9, base().events.size()));
    other(book, "in this place");
  }

  @Test
  void aLostMessageDiffers() {
    other(without(9, 10, 11), "- group g | c h=1 | attempt 1 | ACK");
  }

  @Test
  void aMessageThatWasNeverSettledDiffers() {
    other(without(10, 11), "+ group g | c h=1 | attempt 1 | nothing");
  }

  @Test
  void aSecondHandlingAfterSettledDiffers() {
    other(base().all("m", "l", "c h=1", 1, How.ACK), "+ group g | c h=1 | attempt 1 | ACK");
  }

  @Test
  void aSecondHandlingWhileInHandDiffers() {
    Book book = without(10, 11);
    other(book.all("m", "l", "c h=1", 1, How.ACK), "c h=1 | attempt 1 | nothing");
  }

  @Test
  void aWrongAttemptDiffers() {
    Book book = without(9, 10, 11).all("n", "l", "c h=1", 2, How.ACK);
    other(book, "- group g | c h=1 | attempt 1 | ACK", "+ group g | c h=1 | attempt 2 | ACK");
  }

  @Test
  void aCountThatWasForgottenDiffers() {
    other(base().all("m", "k", "a h=1", 1, How.ACK), "+ group g | a h=1 | attempt 1 | ACK");
  }

  @Test
  void anotherOutcomeDiffers() {
    other(without(9, 10, 11).all("n", "l", "c h=1", 1, How.DEAD_LETTER), "DEAD_LETTER");
  }

  @Test
  void aMissingDeadLetterDiffers() {
    other(without(15), "- dead letters of group g");
  }

  @Test
  void aDeadLetterTooManyDiffers() {
    other(base().letter("b h=1", "g@1", 1, "no use"), "+ dead letters of group g");
  }

  @Test
  void anotherReasonOrCountOfADeadLetterDiffers() {
    other(without(15).letter("b h=1", "g@1", 1, "why not"), "why not");
    other(without(15).letter("b h=1", "g@1", 2, "no use"), "attempts 2");
  }

  @Test
  void anotherByteInTheReplayDiffers() {
    other(without(18).read("l", "c h=2"), "- reader of orders again | c h=1", "c h=2");
  }

  @Test
  void aSwapOrARepeatInTheReplayDiffers() {
    other(swapped(16, 17), "in this place");
    other(base().read("l", "c h=1"), "+ reader of orders again | c h=1");
  }

  @Test
  void anotherHeaderInADeliveryDiffers() {
    other(without(9, 10, 11).all("n", "l", "c h=2", 1, How.ACK), "+ group g | c h=2");
  }

  @Test
  void whatIsSettledIsNotRepeatedBecauseItsMemberDied() {
    Book book = base().event(new Died(1, "g", "n"));
    other(book.all("m", "l", "c h=1", 1, How.ACK), "+ group g | c h=1 | attempt 1 | ACK");
  }

  @Test
  void aDeathExcusesOnlyWhatComesAfterIt() {
    Book book = without(11).all("m", "l", "c h=1", 1, How.ACK).event(new Died(1, "g", "n"));
    other(book, "+ group g | c h=1 | attempt 1 | ACK");
  }

  @Test
  void theDeathOfAnotherMemberExcusesNothing() {
    Book book = without(11).event(new Died(1, "g", "m")).all("m", "l", "c h=1", 1, How.ACK);
    other(book, "+ group g | c h=1 | attempt 1 | ACK");
  }

  @Test
  void aConvictionDiffers() {
    Book book = without(10, 11).event(new Died(1, "g", "n"));
    other(book.all("m", "l", "c h=1", 2, How.ACK), "+ group g | c h=1 | attempt 2 | ACK");
  }

  @Test
  void whatWasAskedBeforeLeavingIsNotRepeated() {
    Book book = without(11).event(new Left(1, "g", "n"));
    other(book.all("m", "l", "c h=1", 1, How.ACK), "+ group g | c h=1 | attempt 1 | ACK");
  }

  @Test
  void aCrashOfTheBrokerExcusesOnlyRecentAcks() {
    Book book = base().later(1000);
    book.event(new FaultBegan(book.time, Recording.BROKER_KILLED, 0, 0));
    other(book.all("m", "l", "c h=1", 1, How.ACK), "+ group g | c h=1 | attempt 1 | ACK");
  }

  // --- may be

  @Test
  void anotherInterleavingOfKeysIsTheSame() {
    Book book =
        new Book()
            .all("n", null, "d h=1", 1, How.ACK)
            .all("n", "l", "c h=1", 1, How.ACK)
            .all("m", "k", "a h=1", 1, How.NACK)
            .all("m", "k", "a h=1", 2, How.ACK)
            .all("m", "k", "b h=1", 1, How.DEAD_LETTER)
            .read("l", "c h=1")
            .read("k", "a h=1")
            .read("k", "b h=1")
            .letter("b h=1", "g@7", 1, "no use");
    same(book);
  }

  @Test
  void anotherPartitionOrMemberIsTheSame() {
    Book book = without(9, 10, 11);
    same(book.done(book.handed("other", 77, "5", "l", "c h=1", 1), How.ACK));
  }

  @Test
  void whatADeadMemberHadOpenMayComeAgain() {
    same(without(11).event(new Died(1, "g", "n")).all("m", "l", "c h=1", 1, How.ACK));
    same(without(10, 11).event(new Died(1, "g", "n")).all("m", "l", "c h=1", 1, How.ACK));
  }

  @Test
  void anAckOfADeadMemberWithoutAnswerMayHaveCounted() {
    same(without(11).event(new Died(1, "g", "n")));
  }

  @Test
  void aNackMayBeLostWithItsMember() {
    Book book = new Book();
    long nacked = book.handed("dead", "k", "a h=1", 1);
    book.done(nacked, How.NACK).event(new Died(1, "g", "dead"));
    book.events.addAll(renumbered(base().events, 100));
    same(book);
  }

  @Test
  void aShareThatWasLostComesAgainAlsoBeforeItsOldOwnerHears() {
    Book book = without(11);
    book.all("m", "l", "c h=1", 1, How.ACK);
    same(book.event(new Lost(1, "g", "n", Set.of("0"))));
  }

  @Test
  void whatWasHandedBackUntouchedMayComeAgain() {
    same(without(10, 11).event(new Left(1, "g", "n")).all("m", "l", "c h=1", 1, How.ACK));
  }

  @Test
  void whatIsBehindANackedOneOfItsBatchMayComeAgain() {
    Book book = new Book();
    long nacked = book.handed("m", 50, "0", "k", "a h=1", 1);
    book.handed("m", 50, "0", "k", "b h=1", 1);
    book.done(nacked, How.NACK);
    book.events.addAll(renumbered(base().events.subList(3, base().events.size()), 100));
    same(book);
  }

  @Test
  void whatABrokerLostOfRecentAcksMayComeAgain() {
    Book book = base();
    book.event(new FaultBegan(book.time, Recording.BROKER_KILLED, 0, 0));
    same(book.all("m", null, "d h=1", 1, How.ACK));
  }

  @Test
  void aSecondCopyOfADeadLetterIsNoneWhereSomethingBroke() {
    same(base().event(new Died(1, "g", "n")).letter("b h=1", "g@1", 1, "no use"));
    other(base().event(new Died(1, "g", "n")).letter("b h=1", "g@9", 1, "no use"), "b h=1");
  }

  @Test
  void aResetStartsAnew() {
    Book book = base().event(new Reset(1, "g")).all("m", "l", "c h=1", 1, How.ACK);
    other(book, "+ group g after reset 1 | c h=1 | attempt 1 | ACK");
  }

  /** With other numbers of handings, so that they can go behind others. */
  private static List<Event> renumbered(List<Event> events, long by) {
    List<Event> all = new ArrayList<>();
    for (Event event : events) {
      if (event instanceof Event.Handed h) {
        all.add(
            new Event.Handed(
                h.nanos(),
                h.topic(),
                h.group(),
                h.member(),
                h.handing() + by,
                h.batch() + by,
                h.id(),
                h.key(),
                h.partition(),
                h.position(),
                h.attempt()));
      } else if (event instanceof Event.SettleRequested r) {
        all.add(new Event.SettleRequested(r.nanos(), r.handing() + by, r.how()));
      } else if (event instanceof Event.SettleDecided d) {
        all.add(new Event.SettleDecided(d.nanos(), d.handing() + by, d.outcome()));
      } else {
        all.add(event);
      }
    }
    return all;
  }
}
