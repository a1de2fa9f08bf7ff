package dev.isostream.examples;

import dev.isostream.Messaging;
import dev.isostream.memory.MemoryConnection;

/** The member that is going to be killed. */
interface SecondMember extends AutoCloseable {

  /**
   * Starts it: in a process of its own where the backend can be reached from there. A broker that
   * lives in this process can't; there the member's connection is abandoned as if its process had
   * died.
   */
  static SecondMember start(Messaging first, String name, int charges, Run run, Ledger ledger) {
    return first.unwrap(MemoryConnection.class).isPresent()
        ? MemberInside.start(name, charges, run, ledger)
        : MemberProcess.start(name, charges, run, ledger);
  }

  /** Where it runs. */
  String whereabouts();

  /** Ends it with no goodbye; returns when it is gone. */
  String kill();

  /** Sees to it that nothing is left of it. */
  @Override
  void close();
}
