package dev.isostream.engine.simulation;

import dev.isostream.engine.consume.SoloGate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A machine that runs one process with members, and starts it again when it died. */
final class SimHost {

  final String name;
  final List<SimMember> members = new ArrayList<>();
  private final SimBroker broker;
  private final SimWorld world;
  private final List<GroupPlan> plans;
  private @Nullable SimProcess process;
  private int runs;
  private boolean closing;

  SimHost(SimBroker broker, String name, List<GroupPlan> plans) {
    this.broker = broker;
    this.world = broker.world;
    this.name = name;
    this.plans = plans;
  }

  void start() {
    if (closing) {
      return;
    }
    SimProcess started = new SimProcess(world, name + "." + runs++);
    process = started;
    world.trace("host: started %s", started.name());
    members.clear();
    SoloGate gate = new SoloGate();
    long instance = started.random().nextInt();
    for (int i = 0; i < plans.size(); i++) {
      SimMember member = new SimMember(broker, this, started, gate, instance, plans.get(i), i);
      members.add(member);
      world.after(started, world.between(0, Faults.SECOND), member::start);
    }
  }

  @Nullable SimProcess process() {
    return process;
  }

  /** Kills its process; another one follows. */
  void kill() {
    SimProcess running = process;
    if (running == null || running.isDead()) {
      return;
    }
    world.trace("host: killed %s", running.name());
    running.kill();
    broker.history.died(running.name());
    members.clear();
    world.after(null, world.between(10, 3_000) * Faults.MILLI, this::start);
  }

  void pauseFor(long nanos) {
    SimProcess running = process;
    if (running != null) {
      world.trace("host: paused %s for %d ms", running.name(), nanos / Faults.MILLI);
      running.pauseFor(nanos);
    }
  }

  /** Closes a member in good order and starts another in its place after a while. */
  void renew(int index) {
    SimProcess running = process;
    if (running == null || running.isDead() || index >= members.size() || closing) {
      return;
    }
    SimMember old = members.get(index);
    old.close();
    long instance = running.random().nextInt();
    SimMember fresh =
        new SimMember(broker, this, running, new SoloGate(), instance, old.plan, 100 + runs++);
    members.set(index, fresh);
    world.after(running, world.between(0, 5 * Faults.SECOND), fresh::start);
  }

  void close() {
    closing = true;
    members.forEach(SimMember::close);
  }

  boolean isClosed() {
    return members.stream().allMatch(SimMember::isClosed);
  }
}
