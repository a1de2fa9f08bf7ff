package dev.isostream.conformance.scene;

import dev.isostream.Codecs;
import dev.isostream.Delivery;
import dev.isostream.MemberListener;
import dev.isostream.Messaging;
import dev.isostream.Retry;
import dev.isostream.Settlement;
import dev.isostream.StaleDeliveryException;
import dev.isostream.StartAt;
import dev.isostream.Subscription;
import dev.isostream.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A member that is told what to do in lines, and tells in lines what happens; the same in a process
 * of its own and in this one.
 *
 * <p>Told: {@code join …}, {@code ack n}, {@code nack n millis}, {@code dead n reason}, {@code
 * close}. Tells: {@code joined}, {@code handed n id key partition position attempt}, {@code decided
 * n outcome}, {@code revoked partition …}, {@code lost partition …}, {@code closed}, {@code problem
 * text}.
 */
final class MemberProgram {

  private record Open(Delivery<byte @Nullable []> delivery, CompletableFuture<Void> done) {}

  private final Messaging messaging;
  private final Consumer<String> out;
  private final Map<Long, Open> held = new ConcurrentHashMap<>();
  private final AtomicLong numbers = new AtomicLong();
  private volatile @Nullable Subscription subscription;

  MemberProgram(Messaging messaging, Consumer<String> out) {
    this.messaging = messaging;
    this.out = out;
  }

  /** Does what one line says; returns whether there may be more. */
  boolean obey(String line) {
    String[] words = line.split(" ", -1);
    try {
      switch (words[0]) {
        case "join" -> join(WorkerSpec.parse(words));
        case "ack" -> settle(Long.parseLong(words[1]), Delivery::ack);
        case "nack" -> {
          Duration delay = Duration.ofMillis(Long.parseLong(words[2]));
          settle(Long.parseLong(words[1]), delivery -> delivery.nack(delay));
        }
        case "dead" -> {
          String reason = WorkerSpec.decode(words[2]);
          settle(Long.parseLong(words[1]), delivery -> delivery.deadLetter(reason));
        }
        case "close" -> {
          messaging.close();
          out.accept("closed");
          return false;
        }
        default -> out.accept("problem " + WorkerSpec.encode("not understood: " + line));
      }
    } catch (RuntimeException e) {
      out.accept("problem " + WorkerSpec.encode(e.toString()));
    }
    return true;
  }

  private void join(WorkerSpec spec) {
    var builder =
        Members.defaults(messaging.subscribe(topic(spec.topic())).group(spec.group()))
            .startAt(spec.latest() ? StartAt.latest() : StartAt.earliest())
            .orderBy(spec.ordering())
            .concurrency(spec.concurrency())
            .listener(listener());
    if (spec.maxAttempts() > 0) {
      builder.retry(Retry.fixed(Duration.ZERO).maxAttempts(spec.maxAttempts()));
      if (spec.deadLetterTopic().isEmpty()) {
        builder.whenExhausted(spec.exhausted());
      } else {
        builder.deadLetterTo(spec.deadLetterTopic());
      }
    }
    subscription = builder.handleAsync(delivery -> handle(spec, delivery));
    out.accept("joined");
  }

  /** Also who lives may be thought dead: then others have what it had, and it is told so. */
  private MemberListener listener() {
    return new MemberListener() {
      @Override
      public void revoked(Set<String> partitions) {
        out.accept("revoked " + String.join(" ", partitions));
      }

      @Override
      public void lost(Set<String> partitions) {
        out.accept("lost " + String.join(" ", partitions));
      }
    };
  }

  private static Topic<byte @Nullable []> topic(String name) {
    return Topic.of(name, Codecs.nullable(Codecs.bytes()));
  }

  private static @Nullable String key(WorkerSpec spec, Delivery<?> delivery) {
    return spec.labels() ? Label.key(delivery) : delivery.key().orElse(null);
  }

  private static String id(WorkerSpec spec, Delivery<?> delivery) {
    return spec.labels()
        ? Label.of(delivery)
        : Records.id(new String(delivery.body().orElseThrow(), StandardCharsets.UTF_8));
  }

  private CompletionStage<?> handle(WorkerSpec spec, Delivery<byte @Nullable []> delivery) {
    long number = numbers.incrementAndGet();
    Open open = new Open(delivery, new CompletableFuture<>());
    held.put(number, open);
    String key = key(spec, delivery);
    out.accept(
        String.join(
            " ",
            "handed",
            Long.toString(number),
            WorkerSpec.encode(id(spec, delivery)),
            key == null ? "-" : WorkerSpec.encode(key),
            delivery.partition(),
            WorkerSpec.encode(delivery.position().toString()),
            Integer.toString(delivery.attempt())));
    if (spec.acks()) {
      settle(number, Delivery::ack);
    }
    return open.done();
  }

  private interface Settle {
    CompletionStage<Settlement> settle(Delivery<byte @Nullable []> delivery);
  }

  private void settle(long number, Settle how) {
    Open open = held.remove(number);
    if (open == null) {
      out.accept("problem " + WorkerSpec.encode("no delivery " + number));
      return;
    }
    var unused =
        how.settle(open.delivery())
            .whenComplete(
                (settlement, failure) -> {
                  out.accept("decided " + number + " " + outcome(settlement, failure));
                });
    open.done().complete(null);
  }

  private static String outcome(@Nullable Settlement settlement, @Nullable Throwable failure) {
    if (settlement != null) {
      return settlement.name();
    }
    return failure != null && Scene.unwrapped(failure) instanceof StaleDeliveryException
        ? "STALE"
        : "FAILED";
  }

  /** Whether it has joined. */
  boolean hasJoined() {
    return subscription != null;
  }
}
