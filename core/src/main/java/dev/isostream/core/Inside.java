package dev.isostream.core;

import dev.isostream.AsyncMessageHandler;
import dev.isostream.Delivery;
import dev.isostream.MessageHandler;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Knows whether the current thread is inside an application's handler, so that a close from there
 * does not wait for that handler. Thread-safe.
 */
final class Inside {

  private final ThreadLocal<AtomicInteger> depth = ThreadLocal.withInitial(AtomicInteger::new);

  /** Whether a handler is running on this thread. */
  boolean isHandler() {
    return depth.get().get() > 0;
  }

  <T extends @Nullable Object> MessageHandler<T> mark(MessageHandler<T> handler) {
    return delivery -> {
      AtomicInteger here = enter();
      try {
        handler.handle(delivery);
      } finally {
        here.decrementAndGet();
      }
    };
  }

  <T extends @Nullable Object> AsyncMessageHandler<T> markAsync(AsyncMessageHandler<T> handler) {
    return delivery -> {
      AtomicInteger here = enter();
      try {
        return handler.handle(delivery);
      } finally {
        here.decrementAndGet();
      }
    };
  }

  <T extends @Nullable Object> Flow.Subscriber<Delivery<T>> markSubscriber(
      Flow.Subscriber<? super Delivery<T>> subscriber) {
    return new Flow.Subscriber<>() {
      @Override
      public void onSubscribe(Flow.Subscription subscription) {
        run(() -> subscriber.onSubscribe(subscription));
      }

      @Override
      public void onNext(Delivery<T> delivery) {
        run(() -> subscriber.onNext(delivery));
      }

      @Override
      public void onError(Throwable failure) {
        run(() -> subscriber.onError(failure));
      }

      @Override
      public void onComplete() {
        run(subscriber::onComplete);
      }
    };
  }

  private void run(Runnable task) {
    AtomicInteger here = enter();
    try {
      task.run();
    } finally {
      here.decrementAndGet();
    }
  }

  private AtomicInteger enter() {
    AtomicInteger here = depth.get();
    here.incrementAndGet();
    return here;
  }
}
