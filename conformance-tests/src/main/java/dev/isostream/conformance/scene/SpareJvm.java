package dev.isostream.conformance.scene;

import dev.isostream.conformance.MemberMain;
import dev.isostream.conformance.brokers.ChildJvm;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A JVM for a member that is to be killed. While one is used the next one starts, and waits to be
 * told what it is for: a JVM takes longer to start than most members live.
 *
 * <p>Threads: safe from any. The last one ends with this JVM.
 */
final class SpareJvm implements AutoCloseable {

  private static @Nullable SpareJvm next;

  private final List<String> unheard = new ArrayList<>();
  private @Nullable Consumer<String> listener;
  private final ChildJvm jvm;

  private SpareJvm() {
    this.jvm = ChildJvm.of(MemberMain.class).onLine(this::heard).start();
  }

  /**
   * One that runs, or soon will.
   *
   * @param listener is called with each line that it prints, from two threads
   */
  static synchronized SpareJvm take(Consumer<String> listener) {
    SpareJvm taken = next != null && next.jvm.isAlive() ? next : new SpareJvm();
    next = new SpareJvm();
    taken.listen(listener);
    return taken;
  }

  private synchronized void listen(Consumer<String> to) {
    unheard.forEach(to);
    unheard.clear();
    listener = to;
  }

  private void heard(String line) {
    Consumer<String> to;
    synchronized (this) {
      to = listener;
      if (to == null) {
        unheard.add(line);
        return;
      }
    }
    to.accept(line);
  }

  void send(String line) {
    jvm.send(line);
  }

  void kill() {
    jvm.kill();
  }

  @Override
  public void close() {
    jvm.close();
  }
}
