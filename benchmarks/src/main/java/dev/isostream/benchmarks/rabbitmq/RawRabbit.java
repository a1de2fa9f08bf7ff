package dev.isostream.benchmarks.rabbitmq;

import com.rabbitmq.stream.Address;
import com.rabbitmq.stream.ConfirmationHandler;
import com.rabbitmq.stream.Consumer;
import com.rabbitmq.stream.Environment;
import com.rabbitmq.stream.Message;
import com.rabbitmq.stream.MessageHandler.Context;
import com.rabbitmq.stream.OffsetSpecification;
import com.rabbitmq.stream.Producer;
import dev.isostream.benchmarks.report.Measurement;
import dev.isostream.benchmarks.rounds.Clients;
import dev.isostream.benchmarks.rounds.Contestant;
import dev.isostream.benchmarks.rounds.Deadline;
import dev.isostream.benchmarks.rounds.Load;
import dev.isostream.benchmarks.rounds.Outcomes;
import dev.isostream.benchmarks.rounds.Pipe;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The stream client, used as its guide says, by someone who wants to lose nothing. */
final class RawRabbit implements Contestant {

  /** Offsets are stored now and then, as the guide says. */
  static final int STORE_EVERY = 10_000;

  private static final String KEY = "isostream-key";
  private static final long LOOK_EVERY_NANOS = 200_000L;

  private final Environment environment;

  RawRabbit(Clients clients) {
    int colon = clients.address().lastIndexOf(':');
    Address node =
        new Address(
            clients.address().substring(0, colon),
            Integer.parseInt(clients.address().substring(colon + 1)));
    this.environment =
        Environment.builder()
            .host(node.host())
            .port(node.port())
            .addressResolver(any -> node)
            .build();
  }

  @Override
  public String name() {
    return Measurement.RAW;
  }

  private Producer producer(String topic) {
    return environment
        .producerBuilder()
        .superStream(topic)
        .routing(message -> String.valueOf(message.getApplicationProperties().get(KEY)))
        .producerBuilder()
        .build();
  }

  private static Message message(Producer producer, byte[] key, byte[] payload) {
    return producer
        .messageBuilder()
        .applicationProperties()
        .entry(KEY, new String(key, StandardCharsets.UTF_8))
        .messageBuilder()
        .addData(payload)
        .build();
  }

  @Override
  public long publish(String topic, Load load) {
    try (Producer producer = producer(topic)) {
      LongAdder stored = new LongAdder();
      LongAdder failed = new LongAdder();
      ConfirmationHandler handler = status -> (status.isConfirmed() ? stored : failed).increment();
      Deadline deadline = new Deadline();
      long begin = System.nanoTime();
      for (int i = 0; i < load.messages(); i++) {
        producer.send(message(producer, load.key(i), load.payload()), handler);
      }
      while (stored.sum() + failed.sum() < load.messages()) {
        LockSupport.parkNanos(LOOK_EVERY_NANOS);
        deadline.check(stored.sum(), load.messages());
      }
      long took = System.nanoTime() - begin;
      Outcomes.requireAll(load.messages(), stored.sum(), null);
      return took;
    }
  }

  @Override
  public long consume(String topic, String group, int messages) {
    LongAdder bytes = new LongAdder();
    long took =
        consume(topic, group, messages, message -> bytes.add(message.getBodyAsBinary().length));
    Outcomes.requireSome(bytes.sum());
    return took;
  }

  @Override
  public long consumeSlowly(String topic, String group, int messages, SlowWork work) {
    return consume(topic, group, messages, message -> work.run());
  }

  private long consume(
      String topic, String group, int messages, java.util.function.Consumer<Message> handler) {
    LongAdder handled = new LongAdder();
    Map<String, Context> last = new ConcurrentHashMap<>();
    long begin = System.nanoTime();
    Consumer consumer = open(topic, group, OffsetSpecification.first(), handler, handled, last);
    try {
      Deadline deadline = new Deadline();
      while (handled.sum() < messages) {
        LockSupport.parkNanos(LOOK_EVERY_NANOS);
        deadline.check(handled.sum(), messages);
      }
      last.values().forEach(Context::storeOffset);
      return System.nanoTime() - begin;
    } finally {
      consumer.close();
    }
  }

  private Consumer open(
      String topic,
      String group,
      OffsetSpecification from,
      java.util.function.Consumer<Message> handler,
      LongAdder handled,
      Map<String, Context> last) {
    return environment
        .consumerBuilder()
        .superStream(topic)
        .name(group)
        .offset(from)
        .manualTrackingStrategy()
        .builder()
        .messageHandler(
            (context, message) -> {
              handler.accept(message);
              last.put(context.stream(), context);
              handled.increment();
              if (context.offset() % STORE_EVERY == STORE_EVERY - 1) {
                context.storeOffset();
              }
            })
        .build();
  }

  @Override
  public Pipe openPipe(String topic, String group, Pipe.Receiver receiver) {
    Consumer consumer =
        open(
            topic,
            group,
            OffsetSpecification.next(),
            message -> receiver.receive(message.getBodyAsBinary()),
            new LongAdder(),
            new ConcurrentHashMap<>());
    Producer producer = producer(topic);
    AtomicReference<@Nullable Exception> failed = new AtomicReference<>();
    return new Pipe() {
      @Override
      public void send(byte[] key, byte[] payload) {
        producer.send(
            message(producer, key, payload),
            status -> {
              if (!status.isConfirmed()) {
                failed.set(new IllegalStateException("refused with code " + status.getCode()));
              }
            });
      }

      @Override
      public void close() {
        producer.close();
        consumer.close();
        Outcomes.requireNone(failed.get());
      }
    };
  }

  @Override
  public void close() {
    environment.close();
  }
}
