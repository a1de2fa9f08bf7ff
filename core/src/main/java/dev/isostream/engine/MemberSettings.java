package dev.isostream.engine;

import dev.isostream.Exhausted;
import dev.isostream.MemberListener;
import dev.isostream.MessageInfo;
import dev.isostream.Ordering;
import dev.isostream.Retry;
import dev.isostream.StartAt;
import dev.isostream.Topic;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * See {@link dev.isostream.MemberBuilder}; checked already, as far as one value goes.
 *
 * @param concurrency deliveries being handled at once; for pull, the in-flight bound
 * @param deadLetterTopic null where there is none
 * @param exhausted null where none was chosen
 */
public record MemberSettings<T>(
    Topic<T> topic,
    String group,
    StartAt start,
    Ordering ordering,
    Retry retry,
    @Nullable String deadLetterTopic,
    @Nullable Exhausted exhausted,
    @Nullable Predicate<? super MessageInfo> filter,
    int concurrency,
    int maxInFlightMessages,
    long maxInFlightBytes,
    Duration drainLimit,
    Duration stuckAfter,
    List<MemberListener> listeners) {}
