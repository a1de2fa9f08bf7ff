package dev.isostream.examples;

import dev.isostream.Messaging;
import dev.isostream.memory.MemoryConnection;

/** A member in this process that can be made to look dead to the broker. */
final class MemberInside implements SecondMember {

  private final String name;
  private final Messaging messaging;
  private final Ledger ledger;

  private MemberInside(String name, Messaging messaging, Ledger ledger) {
    this.name = name;
    this.messaging = messaging;
    this.ledger = ledger;
  }

  static MemberInside start(String name, int charges, Run run, Ledger ledger) {
    Messaging messaging = Messaging.open();
    var unused = new BillingMember(name, charges, ledger::add).join(messaging, run);
    return new MemberInside(name, messaging, ledger);
  }

  @Override
  public String whereabouts() {
    return "with a connection of its own in this process";
  }

  @Override
  public String kill() {
    ledger.died(name);
    messaging.unwrap(MemoryConnection.class).orElseThrow().kill();
    return "its connection is abandoned, with no word to the broker";
  }

  @Override
  public void close() {
    messaging.unwrap(MemoryConnection.class).ifPresent(MemoryConnection::kill);
  }
}
