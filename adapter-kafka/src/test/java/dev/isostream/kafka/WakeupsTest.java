package dev.isostream.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class WakeupsTest {

  private final AtomicInteger fired = new AtomicInteger();
  private final Wakeups wakeups = new Wakeups(fired::incrementAndGet);

  @Test
  void onlyAWaitIsWokenAndOnlyOnce() {
    assertThat(wakeups.begin()).isFalse();
    wakeups.wakeup();
    wakeups.wakeup();
    assertThat(fired).hasValue(1);
    wakeups.absorbed();
    assertThat(wakeups.end()).isFalse();
  }

  @Test
  void outsideOfAWaitTheNextOneIsSpared() {
    wakeups.wakeup();
    wakeups.wakeup();
    assertThat(fired).hasValue(0);
    assertThat(wakeups.begin()).isTrue();
    wakeups.wakeup();
    assertThat(fired).as("while it does not wait").hasValue(0);
    assertThat(wakeups.end()).isFalse();
    assertThat(wakeups.begin()).isFalse();
    wakeups.end();
  }

  @Test
  void aWakeupThatCameTooLateIsLeftOver() {
    assertThat(wakeups.begin()).isFalse();
    wakeups.wakeup();
    assertThat(wakeups.end()).isTrue();
    assertThat(wakeups.begin()).isFalse();
  }

  @Test
  void inTheMiddleOfAWaitNothingIsFiredUntilItGoesOn() {
    wakeups.begin();
    boolean waited = wakeups.suspend();
    wakeups.wakeup();
    assertThat(fired).hasValue(0);
    wakeups.resume(waited);
    assertThat(fired).hasValue(1);
    assertThat(wakeups.end()).isTrue();
  }

  @Test
  void aWakeupThatHitSomethingElseIsFiredAgain() {
    wakeups.begin();
    wakeups.wakeup();
    boolean waited = wakeups.suspend();
    wakeups.absorbed();
    wakeups.resume(waited);
    assertThat(fired).hasValue(2);
  }

  @Test
  void thereIsAWaitWithoutAConsumer() {
    wakeups.wakeup();
    wakeups.await(Duration.ofMinutes(1));
    Thread other = new Thread(wakeups::wakeup);
    other.start();
    wakeups.await(Duration.ofMinutes(1));
    wakeups.await(Duration.ofMillis(1));
  }
}
