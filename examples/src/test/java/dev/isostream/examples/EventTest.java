package dev.isostream.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.isostream.examples.Event.Kind;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Events cross a process boundary as lines. */
class EventTest {

  @Test
  void aLineIsReadAsWhatWasWritten() {
    Event event = new Event(Kind.CHARGED, "bob", "o-1", "c-1", "kafka:orders/0@7", 2);

    assertThat(Event.parse(event.line())).isEqualTo(event);
  }

  @Test
  void aShareHasItsPartitions() {
    Event event = Event.ofShare(Kind.ASSIGNED, "bob", Set.of("0", "1"));

    assertThat(Event.parse(event.line()).partitions()).containsExactlyInAnyOrder("0", "1");
  }

  @Test
  void anythingElseIsRefused() {
    assertThatThrownBy(() -> Event.parse("SLF4J: hello"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
