package dev.isostream;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * What all members of a group have in common, whether they push or pull.
 *
 * <p>Threads: thread-safe.
 */
public interface GroupMember extends AutoCloseable {

  /** The topic's name. */
  String topic();

  /** The group's name. */
  String group();

  /** The partitions this member has now. */
  Set<String> assignment();

  /**
   * What this member has counted since it joined, and what it holds now (contract D7, G9). After
   * the end: as it was then.
   *
   * <p>Blocks: never, and disturbs nothing; may be called from anywhere, also a listener.
   */
  MemberMetrics metrics();

  /** Stops handing out, for as long as it lasts; the share is kept (contract F2). */
  void pause();

  /** Goes on handing out. */
  void resume();

  /** Whether it is paused. */
  boolean isPaused();

  /**
   * Stops handing out and completes once everything in hand is settled durably. The member stays in
   * its group; {@link #resume} goes on.
   *
   * <p>Fails: {@link ClosedException} where the member ends before everything is settled; cancelled
   * where it is resumed.
   */
  CompletionStage<Void> drain();

  /** Why the member stopped by itself; empty while it runs, and after a plain close. */
  Optional<MessagingException> failure();

  /** Completes when the member has stopped, exceptionally when it failed. */
  CompletionStage<Void> stopped();

  /** As {@link #close(Duration)} with the drain limit. */
  @Override
  void close();

  /**
   * Stops fetching, lets what is in hand finish for at most this long, makes settlements durable
   * and leaves the group; what was not handed out goes to others at once (contract F4). Harmless
   * when repeated, from any thread (contract F6).
   *
   * <p>Blocks: until left. From within a handler, a listener, or what hangs on a settlement, it
   * only asks for it and returns.
   */
  void close(Duration timeout);
}
