package dev.isostream.engine.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Delivery;
import dev.isostream.DeliveryPublisher;
import dev.isostream.MemberListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FlowOutletTest {

  private final OneMember bench = new OneMember(new MemberListener() {});

  /** Cancels when it has had so many. */
  private static final class Subscriber implements Flow.Subscriber<Delivery<String>> {
    private final int enough;
    final List<String> arrived = new ArrayList<>();
    final List<Throwable> errors = new ArrayList<>();
    int completed;
    private Flow.@Nullable Subscription subscription;

    Subscriber(int enough) {
      this.enough = enough;
    }

    Flow.Subscription subscription() {
      return Objects.requireNonNull(subscription);
    }

    @Override
    public void onSubscribe(Flow.Subscription made) {
      subscription = made;
    }

    @Override
    public void onNext(Delivery<String> delivery) {
      arrived.add(delivery.payload());
      if (arrived.size() == enough) {
        subscription().cancel();
      }
    }

    @Override
    public void onError(Throwable failure) {
      errors.add(failure);
    }

    @Override
    public void onComplete() {
      completed++;
    }
  }

  private Subscriber subscribed(DeliveryPublisher<String> publisher, int enough) {
    Subscriber subscriber = new Subscriber(enough);
    publisher.subscribe(subscriber);
    bench.turn();
    return subscriber;
  }

  @Test
  void askingForNothingIsTheErrorThatFlowPrescribes() {
    DeliveryPublisher<String> publisher = bench.publisher();
    Subscriber subscriber = subscribed(publisher, 9);
    subscriber.subscription().request(0);
    bench.turn();
    assertThat(subscriber.errors)
        .singleElement()
        .isInstanceOf(IllegalArgumentException.class)
        .asString()
        .contains("request must be 1 or more, was 0");
    assertThat(subscriber.completed).isZero();
    assertThat(publisher.failure()).isPresent();
  }

  @Test
  void nothingIsShownToOneWhoCancelled() {
    bench.driver.log().add("0", "a", "b", "c");
    DeliveryPublisher<String> publisher = bench.publisher();
    Subscriber subscriber = subscribed(publisher, 2);
    subscriber.subscription().request(3);
    bench.turn();
    assertThat(subscriber.arrived).containsExactly("a", "b");
    assertThat(subscriber.completed).isZero();
    assertThat(subscriber.errors).isEmpty();
    assertThat(publisher.stopped().toCompletableFuture()).isCompleted();
    assertThat(publisher.metrics().takenBack()).isEqualTo(3);
  }

  @Test
  void aSecondSubscriberIsTurnedAway() {
    DeliveryPublisher<String> publisher = bench.publisher();
    subscribed(publisher, 9);
    Subscriber second = subscribed(publisher, 9);
    assertThat(second.errors).singleElement().isInstanceOf(IllegalStateException.class);
    assertThat(publisher.failure()).isEmpty();
  }
}
