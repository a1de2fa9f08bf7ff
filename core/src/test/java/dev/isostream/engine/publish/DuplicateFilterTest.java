package dev.isostream.engine.publish;

import static dev.isostream.engine.testing.FakeRecord.sent;
import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Header;
import dev.isostream.Headers;
import dev.isostream.engine.WireHeaders;
import dev.isostream.engine.testing.FakeRecord;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The receiving half of "one send, one message" (contract P4). */
class DuplicateFilterTest {

  private final DuplicateFilter filter = new DuplicateFilter(3);

  @Test
  void leavesOutASecondCopy() {
    assertThat(filter.isCopy(sent("k", "p", "5"))).isFalse();
    assertThat(filter.isCopy(sent("k", "p", "5"))).isTrue();
    assertThat(filter.isCopy(sent(null, "p", "6"))).isFalse();
    assertThat(filter.isCopy(sent(null, "p", "6"))).isTrue();
    assertThat(filter.isCopy(sent("k", "q", "5"))).as("another producer's").isFalse();
  }

  @Test
  void leavesOutAFailedSendThatLandsBehindItsSuccessors() {
    assertThat(filter.isCopy(sent("k", "p", "7"))).isFalse();
    assertThat(filter.isCopy(sent("k", "p", "5"))).isTrue();
    assertThat(filter.isCopy(sent("other", "p", "6"))).as("keys overtake each other").isFalse();
    assertThat(filter.isCopy(sent(null, "p", "4"))).as("no key, no order").isFalse();
  }

  @Test
  void remembersAsManyAsItsWindow() {
    assertThat(filter.isCopy(sent("k", "p", "1"))).isFalse();
    for (int i = 2; i < 5; i++) {
      assertThat(filter.isCopy(sent(null, "p", Integer.toString(i)))).isFalse();
    }
    assertThat(filter.isCopy(sent("k", "p", "1"))).as("too far back").isFalse();
    assertThat(filter.isCopy(sent("k", "p", "0"))).isTrue();
  }

  @Test
  void takesPartitionsOneByOne() {
    Headers ids = FakeRecord.ids("p", "1");
    assertThat(filter.isCopy(new FakeRecord("0", 0, null, null, null, ids))).isFalse();
    assertThat(filter.isCopy(new FakeRecord("1", 0, null, null, null, ids))).isFalse();
    assertThat(filter.isCopy(new FakeRecord("1", 0, null, null, null, ids))).isTrue();
    filter.clear();
    assertThat(filter.isCopy(new FakeRecord("1", 0, null, null, null, ids))).isFalse();
  }

  @Test
  void leavesNothingOutWhereTheStoreDoes() {
    DuplicateFilter none = new DuplicateFilter(0);
    assertThat(none.isCopy(sent("k", "p", "1"))).isFalse();
    assertThat(none.isCopy(sent("k", "p", "1"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "1x", " 1", "9223372036854775808", "99999999999999999999"})
  void malformedNumbersAreNone(String sequence) {
    assertThat(SendId.of(FakeRecord.ids("p", sequence))).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "ä", "a.b"})
  void malformedProducersAreNone(String producer) {
    assertThat(SendId.of(FakeRecord.ids(producer, "1"))).isNull();
    assertThat(SendId.of(FakeRecord.ids("x".repeat(65), "1"))).isNull();
  }

  @Test
  void anIdIsOneThatIsThereOnce() {
    assertThat(SendId.of(FakeRecord.ids("aZ0_-", "9223372036854775807")))
        .isEqualTo(new SendId("aZ0_-", Long.MAX_VALUE));
    assertThat(SendId.of(Headers.empty())).isNull();
    List<Header> twice = new ArrayList<>(FakeRecord.ids("p", "1").asList());
    twice.add(Header.of(WireHeaders.SEQUENCE, "1"));
    assertThat(SendId.of(Headers.of(twice))).isNull();
    assertThat(SendId.of(Headers.of(List.of(Header.of(WireHeaders.PRODUCER, "p"))))).isNull();
  }
}
