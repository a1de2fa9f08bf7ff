package dev.isostream;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** The settings of a {@link Reader}. Confined to one thread. */
public interface ReaderBuilder<T extends @Nullable Object> {

  /** Where to start. Default: earliest. */
  ReaderBuilder<T> from(StartAt start);

  /** At this position, its message included, and only in its partition (contract R1, R3). */
  ReaderBuilder<T> from(Position position);

  /** Right behind this position, and only in its partition. */
  ReaderBuilder<T> after(Position position);

  /** Only these partitions. Default: all. */
  ReaderBuilder<T> partitions(Collection<String> partitions);

  /** Reads all that there is: to the end as it stands when the reader opens (contract R6). */
  ReaderBuilder<T> untilEnd();

  /** What to do where the next message was removed by retention. Default: fail (contract R5). */
  ReaderBuilder<T> whenRemoved(Removed action);

  /** What to do with a message that does not decode. Default: fail (contract D9). */
  ReaderBuilder<T> whenUndecodable(Undecodable action);

  /** Told of gaps when going on behind removed messages. */
  ReaderBuilder<T> listener(MemberListener listener);

  /** Opens the reader; blocks and fails as {@link ProducerBuilder#open}. */
  Reader<T> open();

  /** See {@link #whenRemoved}. */
  enum Removed {
    /** {@link PositionRemovedException}, naming the earliest one left. */
    FAIL,
    /** Goes on at the earliest one left and tells the listener. */
    CONTINUE
  }

  /** See {@link #whenUndecodable}. */
  enum Undecodable {
    /** {@link DecodeException}. */
    FAIL,
    /** The message comes, its {@code payload()} fails, its {@code body()} is there. */
    RAW
  }
}
