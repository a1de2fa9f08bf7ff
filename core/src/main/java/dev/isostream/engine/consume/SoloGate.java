package dev.isostream.engine.consume;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lets one member of a process have a message in hand while no other member there has any, so that
 * a death can be blamed on that one message (contract D5, D11).
 *
 * <p>A member that once went in stays inside, also with nothing in hand, until another asks for the
 * gate: so going in and out costs nothing as long as nobody asks.
 *
 * <p>Threads: thread-safe; a lock held for a few instructions, never per message.
 */
public final class SoloGate {

  private final Map<Object, Runnable> inside = new LinkedHashMap<>();
  private final Map<Object, Runnable> waiting = new LinkedHashMap<>();
  private volatile @Nullable Object holder;
  private @Nullable Runnable holderRecall;
  private volatile @Nullable Object wantedBy;
  private volatile boolean contended;

  /**
   * Goes in beside others, before having anything in hand.
   *
   * @param wake called once it makes sense to try again, when the answer is no
   */
  boolean enter(Object member, Runnable wake) {
    Runnable recall = null;
    boolean entered;
    synchronized (this) {
      Object wanted = wantedBy;
      entered = holder == member || (holder == null && (wanted == null || wanted == member));
      if (entered) {
        inside.put(member, wake);
      } else {
        waiting.put(member, wake);
        recall = holder != member ? holderRecall : null;
      }
      recount();
    }
    if (recall != null) {
      recall.run();
    }
    return entered;
  }

  /** Goes out, with nothing in hand any more. */
  void leave(Object member) {
    Map<Object, Runnable> wakes;
    synchronized (this) {
      inside.remove(member);
      wakes = takeWaiting();
    }
    wakes.values().forEach(Runnable::run);
  }

  /**
   * Takes the gate for one member alone, which may be inside itself.
   *
   * @param insist makes others stop handing out until it is given
   * @param recall called when another member waits for it
   */
  boolean tryAlone(Object member, boolean insist, Runnable recall) {
    List<Runnable> asked = new ArrayList<>();
    synchronized (this) {
      if (holder == member) {
        return true;
      }
      boolean othersInside = inside.size() > (inside.containsKey(member) ? 1 : 0);
      Object wanted = wantedBy;
      boolean free = holder == null && !othersInside && (wanted == null || wanted == member);
      if (free) {
        holder = member;
        holderRecall = recall;
        wantedBy = null;
        recount();
        return true;
      }
      waiting.put(member, recall);
      if (insist && wanted == null) {
        wantedBy = member;
      }
      inside.forEach(
          (other, wake) -> {
            if (other != member) {
              asked.add(wake);
            }
          });
      recount();
    }
    asked.forEach(Runnable::run);
    return false;
  }

  /** Gives the gate back, and whatever was asked for. */
  void release(Object member) {
    Map<Object, Runnable> wakes;
    synchronized (this) {
      if (holder == member) {
        holder = null;
        holderRecall = null;
      }
      if (wantedBy == member) {
        wantedBy = null;
      }
      waiting.remove(member);
      wakes = takeWaiting();
    }
    wakes.values().forEach(Runnable::run);
  }

  /**
   * Whether another member waits for everybody to have nothing in hand; cheap. Whoever has the gate
   * finishes first.
   */
  boolean isWantedByOther(Object member) {
    Object wanted = wantedBy;
    return wanted != null && wanted != member && holder != member;
  }

  /**
   * Whether anyone holds the gate or waits for it, so that a member with nothing in hand leaves.
   */
  boolean isContended() {
    return contended;
  }

  private void recount() {
    contended = holder != null || wantedBy != null || !waiting.isEmpty();
  }

  private Map<Object, Runnable> takeWaiting() {
    Map<Object, Runnable> wakes = new LinkedHashMap<>(waiting);
    waiting.clear();
    recount();
    return wakes;
  }
}
