package dev.isostream.engine.simulation;

/** What goes wrong how often: probabilities, and times in nanoseconds. Mutable: faults end. */
final class Faults {

  static final long MILLI = 1_000_000L;
  static final long SECOND = 1_000_000_000L;

  long latencyMin = MILLI / 5;
  long latencyMax = 5 * MILLI;

  /** Of a request that takes much longer. */
  double slow;

  long slowMax = 2 * SECOND;

  /** Of a commit that is not stored. */
  double commitLost;

  /** Of a commit that is stored and whose reply is lost. */
  double commitReplyLost;

  /** Of an append that is not stored. */
  double appendLost;

  /** Of an append that is stored and whose reply is lost. */
  double appendReplyLost;

  /** Of an append that fails and is stored later, behind its successors. */
  double appendLate;

  /** Of a poll that throws something retriable. */
  double pollThrows;

  /** Of a question that fails. */
  double adminFails;

  /** Of a request to the lease table that is lost, whose reply is lost, that is never answered. */
  final SimLeases.Faults leases = new SimLeases.Faults();

  /** Of a position that is skipped, as by a transaction's marker. */
  double gaps;

  static Faults random(SimWorld world) {
    Faults faults = new Faults();
    faults.latencyMax = world.between(1, 30) * MILLI;
    faults.gaps = world.chance(0.3) ? 0.2 : 0;
    if (world.chance(0.15)) {
      return faults;
    }
    faults.slow = 0.05 * world.random().nextDouble();
    faults.commitLost = 0.15 * world.random().nextDouble();
    faults.commitReplyLost = 0.15 * world.random().nextDouble();
    faults.appendLost = 0.1 * world.random().nextDouble();
    faults.appendReplyLost = 0.1 * world.random().nextDouble();
    faults.appendLate = 0.05 * world.random().nextDouble();
    faults.pollThrows = 0.01 * world.random().nextDouble();
    faults.adminFails = 0.1 * world.random().nextDouble();
    faults.leases.lost = 0.05 * world.random().nextDouble();
    faults.leases.lostReply = 0.05 * world.random().nextDouble();
    faults.leases.hung = 0.02 * world.random().nextDouble();
    faults.leases.latencyMax = faults.latencyMax;
    return faults;
  }

  /** Everything works from now on. */
  void stop() {
    slow = 0;
    commitLost = 0;
    commitReplyLost = 0;
    appendLost = 0;
    appendReplyLost = 0;
    appendLate = 0;
    pollThrows = 0;
    adminFails = 0;
    leases.lost = 0;
    leases.lostReply = 0;
    leases.hung = 0;
  }

  /** How long a request or a reply is under way. */
  long latency(SimWorld world) {
    return world.chance(slow)
        ? world.between(latencyMax, Math.max(latencyMax, slowMax))
        : world.between(latencyMin, latencyMax);
  }
}
