package dev.isostream.engine.consume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MailboxTest {

  private final List<String> delivered = new ArrayList<>();
  private final Mailbox box = new Mailbox(() -> delivered.add("woken"));

  @Test
  void mailIsDeliveredInTheOrderOfPosting() {
    box.post(() -> delivered.add("a"));
    box.post(() -> delivered.add("b"));
    assertTrue(box.deliverAll());
    assertEquals(List.of("a", "b"), delivered);
    assertFalse(box.deliverAll());
  }

  @Test
  void whatOneMailThrowsCostsNoOther() {
    box.post(() -> delivered.add("a"));
    box.post(
        () -> {
          throw new IllegalStateException("meant to be thrown");
        });
    box.post(() -> delivered.add("c"));
    box.post(() -> delivered.add("d"));
    assertThrows(IllegalStateException.class, box::deliverAll);
    box.post(() -> delivered.add("e"));
    assertFalse(box.isEmpty());
    assertFalse(box.fallAsleep(Mailbox.Sleep.EAGER), "fell asleep with mail left");
    box.deliverAll();
    assertEquals(List.of("a", "c", "d", "e"), delivered);
  }

  @Test
  void mailThatDeliversMailLosesNone() {
    box.post(
        () -> {
          box.post(() -> delivered.add("c"));
          box.deliverAll();
          delivered.add("a");
        });
    box.post(() -> delivered.add("b"));
    box.deliverAll();
    box.deliverAll();
    assertEquals(3, delivered.size());
    assertTrue(box.isEmpty());
  }

  @Test
  void settlementsWakeOnlyWhoAskedForIt() {
    assertTrue(box.fallAsleep(Mailbox.Sleep.LIGHT));
    box.post(new Task(() -> {}), false);
    assertEquals(List.of(), delivered);
    box.post(new Task(() -> {}), true);
    assertEquals(List.of("woken"), delivered);
    box.post(new Task(() -> {}), true);
    assertEquals(List.of("woken"), delivered, "woken again though awake");
  }
}
