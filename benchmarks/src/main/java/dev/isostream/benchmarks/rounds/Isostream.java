package dev.isostream.benchmarks.rounds;

import dev.isostream.Codecs;
import dev.isostream.Exhausted;
import dev.isostream.MemberListener;
import dev.isostream.Message;
import dev.isostream.MessageHandler;
import dev.isostream.Messaging;
import dev.isostream.MessagingBuilder;
import dev.isostream.Ordering;
import dev.isostream.Producer;
import dev.isostream.Receipt;
import dev.isostream.StartAt;
import dev.isostream.Subscription;
import dev.isostream.SubscriptionBuilder;
import dev.isostream.Topic;
import dev.isostream.benchmarks.report.Measurement;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Isostream: individual acks, order by key, a handler. */
final class Isostream implements Contestant {

  private static final long LOOK_EVERY_NANOS = 200_000L;

  private final Messaging messaging;

  Isostream(Backend backend, Clients clients) {
    MessagingBuilder builder =
        Messaging.builder().address(backend.name() + "://" + clients.address());
    backend.properties(clients).forEach(builder::property);
    this.messaging = builder.open();
  }

  @Override
  public String name() {
    return Measurement.ISOSTREAM;
  }

  private static Topic<byte[]> topic(String name) {
    return Topic.of(name, Codecs.bytes());
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // the callback counts
  public long publish(String topic, Load load) {
    try (Producer<byte[]> producer = messaging.producer(topic(topic)).open()) {
      AtomicLong stored = new AtomicLong();
      AtomicReference<@Nullable Throwable> failed = new AtomicReference<>();
      BiConsumer<@Nullable Receipt, @Nullable Throwable> callback =
          (receipt, failure) -> {
            if (failure == null) {
              stored.incrementAndGet();
            } else {
              failed.set(failure);
            }
          };
      long begin = System.nanoTime();
      for (int i = 0; i < load.messages(); i++) {
        producer.send(Message.of(load.payload()).keyBytes(load.key(i))).whenComplete(callback);
      }
      producer.flush().join();
      long took = System.nanoTime() - begin;
      Outcomes.requireAll(load.messages(), stored.get(), failed.get());
      return took;
    }
  }

  private SubscriptionBuilder<byte[]> subscribe(String topic, String group) {
    return messaging
        .subscribe(topic(topic))
        .group(group)
        .startAt(StartAt.earliest())
        .orderBy(Ordering.KEY)
        .whenExhausted(Exhausted.STOP);
  }

  @Override
  public long consume(String topic, String group, int messages) {
    LongAdder bytes = new LongAdder();
    LongAdder handled = new LongAdder();
    long took =
        consume(
            subscribe(topic, group),
            messages,
            handled,
            delivery -> {
              bytes.add(delivery.payload().length);
              handled.increment();
            });
    Outcomes.requireSome(bytes.sum());
    return took;
  }

  @Override
  public long consumeSlowly(String topic, String group, int messages, SlowWork work) {
    LongAdder handled = new LongAdder();
    return consume(
        subscribe(topic, group).concurrency(work.concurrency()),
        messages,
        handled,
        delivery -> {
          work.run();
          handled.increment();
        });
  }

  private static long consume(
      SubscriptionBuilder<byte[]> builder,
      int messages,
      LongAdder handled,
      MessageHandler<byte[]> handler) {
    Assigned assigned = new Assigned();
    try (Subscription subscription = builder.listener(assigned).handle(handler)) {
      Deadline deadline = new Deadline();
      while (handled.sum() < messages) {
        LockSupport.parkNanos(LOOK_EVERY_NANOS);
        deadline.check(handled.sum(), messages);
      }
      subscription.drain().toCompletableFuture().join();
      return System.nanoTime() - assigned.atNanos;
    }
  }

  @Override
  public Pipe openPipe(String topic, String group, Pipe.Receiver receiver) {
    Subscription subscription =
        subscribe(topic, group).handle(delivery -> receiver.receive(delivery.payload()));
    Producer<byte[]> producer = messaging.producer(topic(topic)).open();
    AtomicReference<@Nullable Throwable> failed = new AtomicReference<>();
    return new Pipe() {
      @Override
      @SuppressWarnings("FutureReturnValueIgnored") // what fails is kept
      public void send(byte[] key, byte[] payload) {
        producer
            .send(Message.of(payload).keyBytes(key))
            .whenComplete(
                (receipt, failure) -> {
                  if (failure != null) {
                    failed.set(failure);
                  }
                });
      }

      @Override
      public void close() {
        producer.close();
        subscription.close();
        Outcomes.requireNone(failed.get());
      }
    };
  }

  @Override
  public void close() {
    messaging.close();
  }

  /** When the first partitions came. */
  private static final class Assigned implements MemberListener {
    private volatile long atNanos;

    @Override
    public void assigned(Set<String> partitions) {
      if (atNanos == 0) {
        atNanos = System.nanoTime();
      }
    }
  }
}
