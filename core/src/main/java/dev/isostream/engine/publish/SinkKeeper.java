package dev.isostream.engine.publish;

import dev.isostream.engine.Backoff;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.errors.Errors;
import dev.isostream.engine.errors.Outage;
import dev.isostream.spi.Admin;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Sink;
import dev.isostream.spi.SinkSpec;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Has the sink: opens it, closes it when it is lost, and opens the next one (contract F5). What it
 * does is done by the drainer, but for closing and opening, which may block and have a thread of
 * their own.
 *
 * <p>A new sink has a new producer id: what a lost one had undecided may still arrive, and must not
 * be taken for something later (contract P2). It is opened only once the lost one is closed, and
 * only if there is something to send.
 */
final class SinkKeeper {

  private static final Logger LOG = System.getLogger(SinkKeeper.class.getName());

  /** The client gives up a little before the engine does: it knows whether it wrote anything. */
  private static final int MARGIN_SHARE = 10;

  private static final Duration MAX_MARGIN = Duration.ofSeconds(2);

  private enum State {
    /** There is none, and none is asked for. */
    IDLE,
    /** One is being closed or opened, or a failure is waited out. */
    BUSY,
    /** There is one. */
    READY
  }

  private final EngineContext context;
  private final OutboxSettings settings;
  private final Outbox outbox;

  /** Written by the drainer. */
  private volatile State state = State.IDLE;

  private volatile @Nullable Sink sink;
  private volatile int generation;
  private volatile int lastLost;

  /** Why there is no sink; null where there is one, or none was asked for. */
  private volatile @Nullable Throwable failure;

  private int failures;

  /** Lost sinks and those that can't be opened. */
  private final Outage outage;

  SinkKeeper(EngineContext context, OutboxSettings settings, Outbox outbox) {
    this.context = context;
    this.settings = settings;
    this.outbox = outbox;
    this.outage = new Outage(context.runtime());
  }

  /** Opens the first one on the caller's thread. Fails: {@link DriverException}. */
  void openNow() {
    int number = generation + 1;
    Sink opened = openSink(number);
    outbox.post(() -> opened(opened, number));
  }

  /** Null where there is none that can take anything. */
  @Nullable Sink sink() {
    return isLost(generation) ? null : sink;
  }

  /** Counts the sinks; that of the present one. */
  int generation() {
    return generation;
  }

  /** Whether there is a sink, or could be one soon if it were asked for. */
  boolean isUsable() {
    return state == State.IDLE || (state == State.READY && !isLost(generation));
  }

  @Nullable Throwable failure() {
    return failure;
  }

  void hurry() {
    Sink current = sink;
    if (current != null) {
      current.hurry();
    }
  }

  /** Takes note that the sink can't go on, so that it gets nothing more; from any thread. */
  void markLost(int lostGeneration) {
    if (lostGeneration > lastLost) {
      lastLost = lostGeneration;
    }
  }

  /** Replaces the sink, which was marked as lost; from any thread, harmless when repeated. */
  void replace(int lostGeneration, Throwable cause) {
    if (lostGeneration == generation && sink != null) {
      outbox.post(() -> drop(lostGeneration, cause));
    }
  }

  boolean isLost(int someGeneration) {
    return someGeneration <= lastLost;
  }

  private void drop(int lostGeneration, Throwable cause) {
    Sink lost = sink;
    if (lost == null || lostGeneration != generation) {
      return;
    }
    say(
        "The connection that publishes to topic {0} is lost and will be opened anew: {1}{2}",
        cause);
    sink = null;
    state = State.BUSY;
    outbox.sinkLost();
    outbox.start(
        "close",
        () -> {
          closeQuietly(lost);
          outbox.failLeftovers(lostGeneration);
          outbox.post(this::rest);
        });
  }

  private void rest() {
    if (state == State.BUSY && sink == null) {
      state = State.IDLE;
    }
  }

  /** Opens one, if none is being opened; by the drainer. */
  void open() {
    if (state != State.IDLE || outbox.isClosed()) {
      return;
    }
    state = State.BUSY;
    topic()
        .whenComplete(
            (topic, problem) -> {
              if (problem != null) {
                outbox.post(() -> failedToOpen(problem));
              } else if (topic.isEmpty()) {
                outbox.post(() -> failedToOpen(noSuchTopic()));
              } else {
                outbox.start("open", this::openOrFail);
              }
            });
  }

  private CompletionStage<Optional<Admin.TopicInfo>> topic() {
    return context.driver().admin().describeTopic(settings.topic());
  }

  private void openOrFail() {
    try {
      int number = generation + 1;
      Sink opened = openSink(number);
      outbox.post(() -> opened(opened, number));
    } catch (RuntimeException e) {
      outbox.post(() -> failedToOpen(e));
    }
  }

  /** How much less time than a send a sink has. */
  static Duration margin(Duration deliveryTimeout) {
    Duration share = deliveryTimeout.dividedBy(MARGIN_SHARE);
    return share.compareTo(MAX_MARGIN) < 0 ? share : MAX_MARGIN;
  }

  private Sink openSink(int number) {
    Duration timeout = settings.deliveryTimeout();
    String id = number == 1 ? settings.producerId() : settings.producerId() + "-" + number;
    return context
        .driver()
        .openSink(
            new SinkSpec(
                settings.topic(), id, timeout.minus(margin(timeout)), settings.maxInFlightBytes()));
  }

  private void opened(Sink opened, int number) {
    if (outbox.isClosed()) {
      outbox.start("close", () -> closeQuietly(opened));
      return;
    }
    generation = number;
    failures = 0;
    failure = null;
    sink = opened;
    state = State.READY;
    int count = outage.worked(Duration.ZERO);
    if (count > 0) {
      LOG.log(
          Level.INFO,
          "Topic {0} can be published to again, after {1} failures in {2}",
          settings.topic(),
          count,
          outage.length());
    }
  }

  private void failedToOpen(Throwable problem) {
    failure = Errors.unwrap(problem);
    failures++;
    Duration wait = Backoff.after(failures, context.runtime().random());
    say(
        "Topic {0} can''t be published to; tried again as long as there is something to send:"
            + " {1}{2}",
        problem);
    ErrorKind kind = Errors.kindOf(problem);
    if (!kind.isRetriable()) {
      outbox.failWaiting(kind, problem);
    }
    context.runtime().schedule(wait, () -> outbox.post(this::rest));
  }

  /** Not each time: the first at once, then now and then. */
  private void say(String what, Throwable problem) {
    int count = outage.failed(Errors.unwrap(problem));
    if (count > 0) {
      LOG.log(Level.WARNING, what, settings.topic(), Errors.describe(problem), Outage.times(count));
    }
  }

  private DriverException noSuchTopic() {
    return new DriverException(
        ErrorKind.TOPIC_NOT_FOUND, "there is no topic " + settings.topic(), null);
  }

  /** For good; what is being opened is closed as soon as it is there. */
  void close() {
    Sink last = sink;
    if (last != null) {
      closeQuietly(last);
      outbox.failLeftovers(generation);
    }
  }

  private static void closeQuietly(Sink sink) {
    try {
      sink.close();
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "Closing what publishes failed.", e);
    }
  }
}
