package dev.isostream.core;

import dev.isostream.Delivery;
import dev.isostream.DeliveryPublisher;
import dev.isostream.MemberMetrics;
import dev.isostream.MessagingException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** A publisher whose subscriber's calls count as a handler's; see {@link Inside}. */
record MarkedPublisher<T extends @Nullable Object>(DeliveryPublisher<T> target, Inside inside)
    implements DeliveryPublisher<T> {

  @Override
  public void subscribe(Flow.Subscriber<? super Delivery<T>> subscriber) {
    target.subscribe(inside.markSubscriber(Objects.requireNonNull(subscriber, "subscriber")));
  }

  @Override
  public String topic() {
    return target.topic();
  }

  @Override
  public String group() {
    return target.group();
  }

  @Override
  public Set<String> assignment() {
    return target.assignment();
  }

  @Override
  public MemberMetrics metrics() {
    return target.metrics();
  }

  @Override
  public void pause() {
    target.pause();
  }

  @Override
  public void resume() {
    target.resume();
  }

  @Override
  public boolean isPaused() {
    return target.isPaused();
  }

  @Override
  public CompletionStage<Void> drain() {
    return target.drain();
  }

  @Override
  public Optional<MessagingException> failure() {
    return target.failure();
  }

  @Override
  public CompletionStage<Void> stopped() {
    return target.stopped();
  }

  @Override
  public void close() {
    target.close();
  }

  @Override
  public void close(Duration timeout) {
    target.close(timeout);
  }
}
