package dev.isostream.engine;

import dev.isostream.MemberListener;
import dev.isostream.ReaderBuilder;
import dev.isostream.StartAt;
import dev.isostream.Topic;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * See {@link dev.isostream.ReaderBuilder}; checked already.
 *
 * @param partitions null for all
 */
public record ReaderSettings<T extends @Nullable Object>(
    Topic<T> topic,
    StartAt start,
    @Nullable Set<String> partitions,
    boolean untilEnd,
    ReaderBuilder.Removed whenRemoved,
    ReaderBuilder.Undecodable whenUndecodable,
    List<MemberListener> listeners) {}
