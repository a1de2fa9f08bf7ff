package dev.isostream.benchmarks.pulsar;

import dev.isostream.benchmarks.report.Measurement;
import dev.isostream.benchmarks.rounds.Clients;
import dev.isostream.benchmarks.rounds.Contestant;
import dev.isostream.benchmarks.rounds.Deadline;
import dev.isostream.benchmarks.rounds.Load;
import dev.isostream.benchmarks.rounds.Outcomes;
import dev.isostream.benchmarks.rounds.Pipe;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.apache.pulsar.client.api.Consumer;
import org.apache.pulsar.client.api.Message;
import org.apache.pulsar.client.api.Producer;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.PulsarClientException;
import org.apache.pulsar.client.api.SubscriptionInitialPosition;
import org.apache.pulsar.client.api.SubscriptionType;
import org.jspecify.annotations.Nullable;

/** The plain client, used as its documentation says, by someone who wants to lose nothing. */
final class RawPulsar implements Contestant {

  private static final int POLL_MILLIS = 500;

  private final PulsarClient client;
  private final int lingerMillis;

  RawPulsar(Clients clients) {
    this.lingerMillis = Math.max(1, clients.lingerMillis());
    try {
      this.client = PulsarClient.builder().serviceUrl("pulsar://" + clients.address()).build();
    } catch (PulsarClientException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String name() {
    return Measurement.RAW;
  }

  private Producer<byte[]> producer(String topic) throws PulsarClientException {
    return client
        .newProducer()
        .topic(topic)
        .batchingMaxPublishDelay(lingerMillis, TimeUnit.MILLISECONDS)
        .blockIfQueueFull(true)
        .create();
  }

  private static CompletableFuture<?> send(Producer<byte[]> producer, byte[] key, byte[] payload) {
    return producer
        .newMessage()
        .key(new String(key, StandardCharsets.UTF_8))
        .value(payload)
        .sendAsync();
  }

  @Override
  public long publish(String topic, Load load) {
    try (Producer<byte[]> producer = producer(topic)) {
      LongAdder stored = new LongAdder();
      AtomicReference<@Nullable Exception> failed = new AtomicReference<>();
      long begin = System.nanoTime();
      for (int i = 0; i < load.messages(); i++) {
        var unused =
            send(producer, load.key(i), load.payload())
                .whenComplete((id, failure) -> count(failure, stored, failed));
      }
      producer.flush();
      long took = System.nanoTime() - begin;
      Outcomes.requireAll(load.messages(), stored.sum(), failed.get());
      return took;
    } catch (PulsarClientException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void count(
      @Nullable Throwable failure, LongAdder stored, AtomicReference<@Nullable Exception> failed) {
    if (failure == null) {
      stored.increment();
    } else {
      failed.set(new IllegalStateException(failure));
    }
  }

  @Override
  public long consume(String topic, String group, int messages) {
    long[] bytes = new long[1];
    long took = consume(topic, group, messages, message -> bytes[0] += message.size());
    Outcomes.requireSome(bytes[0]);
    return took;
  }

  @Override
  public long consumeSlowly(String topic, String group, int messages, SlowWork work) {
    return consume(topic, group, messages, message -> work.run());
  }

  private Consumer<byte[]> consumer(String topic, String group, SubscriptionInitialPosition from)
      throws PulsarClientException {
    return client
        .newConsumer()
        .topic(topic)
        .subscriptionName(group)
        .subscriptionType(SubscriptionType.Failover)
        .subscriptionInitialPosition(from)
        .enableBatchIndexAcknowledgment(true)
        .isAckReceiptEnabled(true)
        .subscribe();
  }

  private long consume(
      String topic,
      String group,
      int messages,
      java.util.function.Consumer<Message<byte[]>> handler) {
    try (Consumer<byte[]> consumer = consumer(topic, group, SubscriptionInitialPosition.Earliest)) {
      long begin = System.nanoTime();
      Deadline deadline = new Deadline();
      CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
      for (int handled = 0; handled < messages; ) {
        Message<byte[]> message = consumer.receive(POLL_MILLIS, TimeUnit.MILLISECONDS);
        if (message != null) {
          handler.accept(message);
          last = consumer.acknowledgeAsync(message);
          handled++;
        }
        deadline.check(handled, messages);
      }
      last.join();
      return System.nanoTime() - begin;
    } catch (PulsarClientException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public Pipe openPipe(String topic, String group, Pipe.Receiver receiver) {
    AtomicReference<@Nullable Exception> failed = new AtomicReference<>();
    try {
      Consumer<byte[]> consumer =
          client
              .newConsumer()
              .topic(topic)
              .subscriptionName(group)
              .subscriptionType(SubscriptionType.Failover)
              .subscriptionInitialPosition(SubscriptionInitialPosition.Latest)
              .messageListener(
                  (from, message) -> {
                    receiver.receive(message.getValue());
                    var unused = from.acknowledgeAsync(message);
                  })
              .subscribe();
      Producer<byte[]> producer = producer(topic);
      return new Pipe() {
        @Override
        public void send(byte[] key, byte[] payload) {
          LongAdder stored = new LongAdder();
          var unused =
              RawPulsar.send(producer, key, payload)
                  .whenComplete((id, failure) -> count(failure, stored, failed));
        }

        @Override
        public void close() {
          try {
            producer.close();
            consumer.close();
          } catch (PulsarClientException e) {
            throw new IllegalStateException(e);
          }
          Outcomes.requireNone(failed.get());
        }
      };
    } catch (PulsarClientException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    // it takes two seconds, in which the next contestant would be measured
    var unused = client.closeAsync();
  }
}
