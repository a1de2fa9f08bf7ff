package dev.isostream.engine.consume;

import dev.isostream.InterruptedOperationException;
import dev.isostream.InvalidPositionException;
import dev.isostream.Position;
import dev.isostream.StartAt;
import dev.isostream.TopicNotFoundException;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.MemberSettings;
import dev.isostream.engine.cursor.GroupRecord;
import dev.isostream.engine.errors.Errors;
import dev.isostream.engine.errors.Question;
import dev.isostream.spi.Admin;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSpec;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A member on its way into its group. Thread-safe. */
public final class Joining<M> {

  private static final int POLL_RECORDS_MAX = 1_000;

  private final CompletableFuture<M> member = new CompletableFuture<>();
  private final EngineContext context;
  private final String group;
  private final Supplier<CompletionStage<GroupRecord>> check;
  private final Consumer<GroupRecord> join;
  private volatile @Nullable MemberLoop<?> loop;

  private <T, O extends Outlet<T>> Joining(
      EngineContext context,
      MemberSettings<T> settings,
      Function<MemberLoop<T>, O> outlets,
      MemberOf<T, M, O> made) {
    this.context = context;
    this.group = settings.group();
    this.check = () -> check(context, settings);
    this.join = wanted -> join(context, settings, wanted, outlets, made);
  }

  static <T, M, O extends Outlet<T>> Joining<M> start(
      EngineContext context,
      MemberSettings<T> settings,
      Function<MemberLoop<T>, O> outlets,
      MemberOf<T, M, O> made) {
    return new Joining<>(context, settings, outlets, made);
  }

  /** Makes what the application holds. */
  interface MemberOf<T, M, O> {
    M of(EngineContext context, MemberLoop<T> loop, O outlet);
  }

  /**
   * Joins, without waiting: completes with the member once its group exists durably (contract G1).
   * To be called once. For drivers whose {@code openGroup} may be called on any thread; what fails
   * is not tried again.
   */
  public CompletionStage<M> member() {
    check
        .get()
        .whenComplete(
            (wanted, failure) -> {
              try {
                if (failure != null) {
                  failed(failure);
                } else {
                  join.accept(wanted);
                }
              } catch (RuntimeException e) {
                failed(e);
              }
            });
    return member;
  }

  /**
   * Joins. The driver opens on this thread, since it may block.
   *
   * <p>Blocks: until the group exists durably (contract G1). While the backend is unavailable it is
   * asked again, for the request timeout at most.
   */
  M await() {
    Question question = new Question(context, doing());
    GroupRecord wanted = question.ask(check);
    question.run(() -> join.accept(wanted));
    try {
      return member.get();
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (ExecutionException e) {
      throw Errors.translate(doing(), e);
    }
  }

  private InterruptedOperationException interrupted(InterruptedException cause) {
    Thread.currentThread().interrupt();
    MemberLoop<?> started = loop;
    if (started != null) {
      started.end(Duration.ZERO);
    }
    return new InterruptedOperationException("Interrupted while " + doing() + ".", cause);
  }

  private String doing() {
    return "joining group \"" + group + "\"";
  }

  private void failed(Throwable failure) {
    member.completeExceptionally(Errors.translate(doing(), failure));
  }

  // --- before joining: what can be refused without disturbing the group

  private CompletionStage<GroupRecord> check(EngineContext context, MemberSettings<?> settings) {
    Admin admin = context.driver().admin();
    String topic = settings.topic().name();
    String deadLetterTopic = settings.deadLetterTopic();
    CompletionStage<Optional<Admin.TopicInfo>> deadLetter =
        deadLetterTopic == null
            ? CompletableFuture.completedFuture(Optional.empty())
            : admin.describeTopic(deadLetterTopic);
    return admin
        .describeTopic(topic)
        .thenApply(
            found ->
                record(
                    settings,
                    found.orElseThrow(() -> new TopicNotFoundException(absent("Topic", topic)))))
        .thenCombine(
            deadLetter,
            (wanted, found) -> {
              if (deadLetterTopic != null && found.isEmpty()) {
                throw new TopicNotFoundException(absent("Dead-letter topic", deadLetterTopic));
              }
              return wanted;
            })
        .thenCompose(
            wanted ->
                admin
                    .describeGroup(topic, settings.group())
                    .thenApply(info -> compatible(settings, wanted, info)));
  }

  private static String absent(String what, String topic) {
    return what + " \"" + topic + "\" does not exist; create it with messaging.topics().create(…).";
  }

  private static GroupRecord compatible(
      MemberSettings<?> settings, GroupRecord wanted, Optional<Admin.GroupInfo> info) {
    GroupRecord found = info.map(LaneOpener::recordOf).orElse(null);
    if (found != null) {
      LaneOpener.refuseIfDifferent(settings.group(), found, wanted);
    }
    return wanted;
  }

  private static GroupRecord record(MemberSettings<?> settings, Admin.TopicInfo topic) {
    StartAt start = settings.start();
    GroupRecord.Start kind;
    long millis = 0;
    if (start instanceof StartAt.Timestamp at) {
      kind = GroupRecord.Start.TIMESTAMP;
      millis = Math.max(0, at.timestamp().toEpochMilli());
    } else if (start instanceof StartAt.At at) {
      kind = GroupRecord.Start.POSITIONS;
      at.positions().forEach(position -> check(position, topic));
    } else {
      kind =
          start instanceof StartAt.Latest ? GroupRecord.Start.LATEST : GroupRecord.Start.EARLIEST;
    }
    return new GroupRecord(
        kind,
        millis,
        Set.copyOf(topic.partitions()),
        settings.ordering(),
        settings.retry().maxAttempts().orElse(0),
        settings.deadLetterTopic(),
        settings.exhausted());
  }

  private static void check(Position position, Admin.TopicInfo topic) {
    if (!position.topic().equals(topic.topic())
        || !topic.partitions().contains(position.partition())) {
      throw new InvalidPositionException(
          "Position \""
              + position
              + "\" is not one of topic \""
              + topic.topic()
              + "\", whose partitions are "
              + topic.partitions()
              + ".");
    }
  }

  // --- joining

  private <T, O extends Outlet<T>> void join(
      EngineContext context,
      MemberSettings<T> settings,
      GroupRecord wanted,
      Function<MemberLoop<T>, O> outlets,
      MemberOf<T, M, O> made) {
    String memberId =
        context.clientId() + "-" + Long.toHexString(context.runtime().random().nextLong());
    GroupSpec spec =
        new GroupSpec(
            settings.topic().name(),
            settings.group(),
            memberId,
            settings.drainLimit(),
            Math.min(POLL_RECORDS_MAX, settings.maxInFlightMessages()),
            (int) Math.min(settings.maxInFlightBytes(), Integer.MAX_VALUE));
    GroupSource source = context.driver().openGroup(spec);
    DeadLetters<T> deadLetters =
        new DeadLetters<>(
            context, settings.group(), settings.topic().name(), settings.deadLetterTopic());
    MemberLoop<T> joined = new MemberLoop<>(context, settings, source, wanted, spec, deadLetters);
    O outlet = outlets.apply(joined);
    joined.outlet(outlet);
    loop = joined;
    M result = made.of(context, joined, outlet);
    joined
        .ready()
        .whenComplete(
            (nothing, failure) -> {
              if (failure == null) {
                member.complete(result);
              } else {
                failed(failure);
              }
            });
    start(context, memberId, joined, source);
  }

  private static void start(
      EngineContext context, String memberId, MemberLoop<?> joined, GroupSource source) {
    boolean started = false;
    try {
      context.runtime().start(memberId, joined);
      started = true;
    } finally {
      if (!started) {
        source.close(); // nobody else ever would
      }
    }
  }
}
