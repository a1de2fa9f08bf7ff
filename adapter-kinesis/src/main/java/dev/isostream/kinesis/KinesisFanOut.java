package dev.isostream.kinesis;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets the service bring the records, by subscriptions of the group's registered consumer (enhanced
 * fan-out). Each ends after five minutes at most, and is followed by another one.
 *
 * <p>Until a subscription has brought its first event, and where there is none, the shard is
 * polled: to find the lane's place, and what is gone there, by the same means as without fan-out;
 * between two subscriptions; and for as long as the service refuses one, as it does for some
 * seconds when a shard has just gone from one member to another. What comes both ways is taken
 * once.
 */
final class KinesisFanOut implements KinesisFeed {

  /** The service refuses one that begins sooner after another one of the same shard. */
  private static final long BETWEEN_NANOS = Duration.ofSeconds(5).toNanos();

  /** The service sends empty events sooner, where it has no others: so the SDK's own settings. */
  private static final Duration SOONEST_SILENT = Duration.ofSeconds(10);

  private final KinesisClients clients;
  private final KinesisLanes lanes;
  private final KinesisFeed polling;
  private final Supplier<String> registration;

  /**
   * A subscription that brought nothing for so long is given up, as any call would be. If it was
   * not asked, it holds a connection, and what came over it, for a lane that has no room.
   */
  private final long silentNanos;

  /** The registered consumer; null where it has to be registered again. */
  private @Nullable String consumerArn;

  private boolean registering;

  /**
   * Registers the consumer. Blocks until it serves.
   *
   * @param polling what is used meanwhile
   * @param registration finds the consumer, or registers it; blocks
   */
  KinesisFanOut(
      KinesisClients clients,
      KinesisLanes lanes,
      KinesisFeed polling,
      Supplier<String> registration) {
    this.clients = clients;
    this.lanes = lanes;
    this.polling = polling;
    this.registration = registration;
    Duration timeout = clients.config().requestTimeout();
    this.silentNanos = (timeout.compareTo(SOONEST_SILENT) < 0 ? SOONEST_SILENT : timeout).toNanos();
    this.consumerArn = registration.get();
  }

  @Override
  public long feed(KinesisLane lane, long now) {
    long silent = rest(lane, now);
    KinesisSubscription subscription = lane.subscription;
    if (subscription != null) {
      subscription.ask();
      return subscription.hasSpoken() ? silent : Math.min(silent, polling.feed(lane, now));
    }
    long due = polling.feed(lane, now);
    if (!lane.isPlaced()) {
      return due;
    }
    if (lane.subscribeNanos - now > 0) {
      return Math.min(due, lane.subscribeNanos - now);
    }
    begin(lane, now);
    return due;
  }

  @Override
  public long rest(KinesisLane lane, long now) {
    KinesisSubscription subscription = lane.subscription;
    if (subscription == null) {
      return NOTHING_DUE;
    }
    long left = subscription.silentSinceNanos() + silentNanos - now;
    if (left <= 0) {
      drop(lane);
      return NOTHING_DUE;
    }
    return left;
  }

  @Override
  public void drop(KinesisLane lane) {
    KinesisSubscription subscription = lane.subscription;
    if (subscription != null) {
      goOnByPolling(lane);
      subscription.cancel();
    }
  }

  private static void goOnByPolling(KinesisLane lane) {
    lane.subscription = null;
    if (lane.continuation != null) {
      lane.iterator = null;
    }
  }

  private void begin(KinesisLane lane, long now) {
    String consumer = consumerArn;
    if (consumer == null) {
      register();
      return;
    }
    KinesisSubscription subscription = new KinesisSubscription(lanes, lane, clients::nanoTime);
    lane.subscription = subscription;
    lane.subscribeNanos = now + BETWEEN_NANOS;
    int generation = lane.generation;
    CompletableFuture<Void> ended;
    try {
      ended = subscription.open(clients.subscriptions(), consumer);
    } catch (RuntimeException e) {
      ended = CompletableFuture.failedFuture(e);
    }
    var unused =
        ended.whenComplete(
            (done, problem) ->
                lanes.arrived(lane, generation, () -> ended(lane, subscription, problem)));
  }

  private void ended(
      KinesisLane lane, KinesisSubscription subscription, @Nullable Throwable problem) {
    if (lane.subscription != subscription) {
      return; // it was given up here
    }
    goOnByPolling(lane);
    switch (KinesisErrors.code(problem)) {
      case "ResourceInUseException" -> {
        // another one is too young, or took this one's place
      }
      case "ResourceNotFoundException" -> consumerArn = null; // if it is the shard, polling tells
      case "InvalidArgumentException" -> {
        if (lane.refusals++ == 0) {
          lane.reopen(); // what it stood behind may be gone: polling tells
        } else {
          lanes.fail(problem);
        }
      }
      default -> {
        if (problem != null) {
          lanes.fail(problem);
        }
      }
    }
  }

  /** It was deregistered by somebody. */
  private void register() {
    if (registering) {
      return;
    }
    registering = true;
    var unused =
        clients
            .ask(lanes.doing(), registration::get)
            .whenComplete(
                (found, problem) -> {
                  lanes.lock.lock();
                  try {
                    registering = false;
                    consumerArn = found;
                    if (found == null) {
                      lanes.fail(problem);
                    }
                    lanes.news.signalAll();
                  } finally {
                    lanes.lock.unlock();
                  }
                });
  }
}
