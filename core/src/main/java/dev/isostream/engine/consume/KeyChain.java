package dev.isostream.engine.consume;

import org.jspecify.annotations.Nullable;

/**
 * The open messages of one key (or one partition), in order. The head is handed out first; the
 * others wait for it (contract O1). Confined to the loop, but for the links of a run that is out,
 * which no one changes meanwhile.
 */
final class KeyChain<T> {

  final byte[] key;
  final int hash;
  @Nullable KeyChain<T> nextInBucket;
  @Nullable HeldDelivery<T> head;
  private @Nullable HeldDelivery<T> tail;

  KeyChain(byte[] key, int hash) {
    this.key = key;
    this.hash = hash;
  }

  /** Adds a message; says whether it is the head. */
  boolean add(HeldDelivery<T> delivery) {
    if (tail == null) {
      head = delivery;
      tail = delivery;
      return true;
    }
    tail.nextInChain = delivery;
    tail = delivery;
    return false;
  }

  /** Takes the head off; says what the head is then. */
  @Nullable HeldDelivery<T> removeHead() {
    HeldDelivery<T> was = head;
    if (was == null) {
      return null;
    }
    head = was.nextInChain;
    was.nextInChain = null;
    if (head == null) {
      tail = null;
    }
    return head;
  }

  /** Takes one off that need not be the head: settled out of turn. */
  void remove(HeldDelivery<T> delivery) {
    HeldDelivery<T> before = null;
    for (HeldDelivery<T> at = head; at != null; at = at.nextInChain) {
      if (at == delivery) {
        if (before == null) {
          removeHead();
        } else {
          before.nextInChain = at.nextInChain;
          at.nextInChain = null;
          if (tail == at) {
            tail = before;
          }
        }
        return;
      }
      before = at;
    }
  }

  /** Puts another attempt of the same message in its place. */
  void replace(HeldDelivery<T> old, HeldDelivery<T> attempt) {
    attempt.nextInChain = old.nextInChain;
    old.nextInChain = null;
    if (tail == old) {
      tail = attempt;
    }
    if (head == old) {
      head = attempt;
      return;
    }
    for (HeldDelivery<T> at = head; at != null; at = at.nextInChain) {
      if (at.nextInChain == old) {
        at.nextInChain = attempt;
        return;
      }
    }
  }

  boolean isEmpty() {
    return head == null;
  }
}
