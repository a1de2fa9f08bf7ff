package dev.isostream.engine.consume;

import dev.isostream.GroupMember;
import dev.isostream.InterruptedOperationException;
import dev.isostream.MemberMetrics;
import dev.isostream.MessagingException;
import dev.isostream.engine.EngineContext;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;

/** What the application holds of a member. Thread-safe: everything goes to the loop. */
abstract class AbstractMember<T, O extends Outlet<T>> implements GroupMember {

  final EngineContext context;
  final MemberLoop<T> loop;
  final O outlet;

  AbstractMember(EngineContext context, MemberLoop<T> loop, O outlet) {
    this.context = context;
    this.loop = loop;
    this.outlet = outlet;
  }

  @Override
  public String topic() {
    return loop.topicName();
  }

  @Override
  public String group() {
    return loop.settings().group();
  }

  @Override
  public Set<String> assignment() {
    return loop.lanes().names();
  }

  @Override
  public MemberMetrics metrics() {
    return loop.figures().published();
  }

  @Override
  public void pause() {
    loop.pause();
  }

  @Override
  public void resume() {
    loop.resume();
  }

  @Override
  public boolean isPaused() {
    return loop.isPaused();
  }

  @Override
  public CompletionStage<Void> drain() {
    return loop.stopped().isDone() ? CompletableFuture.completedFuture(null) : loop.drain();
  }

  @Override
  public Optional<MessagingException> failure() {
    return Optional.ofNullable(loop.failure());
  }

  @Override
  public CompletionStage<Void> stopped() {
    return loop.stopped().copy();
  }

  @Override
  public void close() {
    close(loop.settings().drainLimit());
  }

  @Override
  public void close(Duration timeout) {
    loop.end(timeout);
    if (outlet.isHandlerThread() || loop.isOwnThread()) {
      return;
    }
    try {
      loop.stopped().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      loop.end(Duration.ZERO);
      throw new InterruptedOperationException(
          "Interrupted while closing a member of group \"" + group() + "\"; it goes on closing.",
          e);
    } catch (ExecutionException e) {
      // It had failed before; failure() and stopped() say so, and it is closed all the same.
      loop.end(Duration.ZERO);
    }
  }
}
