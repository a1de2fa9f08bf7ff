package dev.isostream;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One connection to one backend: opens producers, members of groups and readers, and administers
 * topics and groups.
 *
 * <p>Threads: thread-safe. One instance per application and backend is enough.
 *
 * <p>Closing it closes everything that was opened through it; use after close fails with {@link
 * ClosedException} (contract F6).
 */
public interface Messaging extends AutoCloseable {

  /**
   * Opens the backend that the configuration names: {@code isostream.yaml}, {@code .properties} or
   * {@code .json} in the working directory or on the class path, overridden by environment
   * variables ({@code ISOSTREAM_…}) and system properties ({@code isostream.…}).
   *
   * <p>Blocks: until the configuration is read and checked; no connection is waited for.
   *
   * <p>Fails: {@link ConfigurationException} that lists every problem at once (contract E2).
   */
  static Messaging open() {
    return builder().open();
  }

  /**
   * As {@link #open()}, with the backend given as an address, for example {@code
   * kafka://localhost:9092} or {@code memory://local}; it overrides what the configuration says.
   */
  static Messaging open(String address) {
    return builder().address(address).open();
  }

  /** Starts a configuration in code; see {@link MessagingBuilder}. */
  static MessagingBuilder builder() {
    return MessagingProvider.find().builder();
  }

  /** Starts a producer for a topic. */
  <T extends @Nullable Object> ProducerBuilder<T> producer(Topic<T> topic);

  /** Starts a member of a group that handles messages as they come (push). */
  <T extends @Nullable Object> SubscriptionBuilder<T> subscribe(Topic<T> topic);

  /** Starts a member of a group that asks for messages (pull). */
  <T extends @Nullable Object> ConsumerBuilder<T> consumer(Topic<T> topic);

  /** Starts a reader: no group, no trace (contract R6). */
  <T extends @Nullable Object> ReaderBuilder<T> reader(Topic<T> topic);

  /** Creates, describes, lists and deletes topics. */
  TopicAdmin topics();

  /** Lists, describes, resets and deletes groups. */
  GroupAdmin groups();

  /** The numbers in which this backend differs from others: sizes, windows, times. */
  Limits limits();

  /**
   * The backend's own client, for what Isostream does not cover.
   *
   * @return empty when the adapter has no object of that type; its page lists what it gives
   */
  <N> Optional<N> unwrap(Class<N> type);

  /** Closes everything opened here, then the connection. Harmless when repeated. */
  @Override
  void close();
}
