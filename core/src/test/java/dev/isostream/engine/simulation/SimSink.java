package dev.isostream.engine.simulation;

import dev.isostream.Headers;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Sink;
import dev.isostream.spi.SinkRecord;
import dev.isostream.spi.SinkSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Appends to one topic, in one of the ways that backends have. */
final class SimSink implements Sink {

  private final SimBroker broker;
  private final SimProcess process;
  private final SimTopic topic;
  private final SinkSpec spec;
  private final Set<SinkRecord> undecided = new LinkedHashSet<>();

  /** Where the store knows copies: what was stored, by sequence. */
  private final Map<Long, SimRecord> stored = new HashMap<>();

  private long arrival;
  private boolean closed;

  SimSink(SimBroker broker, SimProcess process, SimTopic topic, SinkSpec spec) {
    this.broker = broker;
    this.process = process;
    this.topic = topic;
    this.spec = spec;
  }

  /** A record as it is on its way; the engine may change the one it was made from. */
  private record Flight(
      SinkRecord record,
      long sequence,
      byte @Nullable [] key,
      byte @Nullable [] payload,
      Headers headers) {

    static Flight of(SinkRecord record) {
      return new Flight(
          record, record.sequence(), record.key(), record.payload(), record.headers());
    }
  }

  @Override
  public void append(List<? extends SinkRecord> records) {
    List<Flight> flights = new ArrayList<>();
    for (SinkRecord record : records) {
      undecided.add(record);
      flights.add(Flight.of(record));
    }
    if (closed) {
      flights.forEach(flight -> decideFailed(flight, false));
    } else if (topic.shape.inOrder()) {
      long at = broker.world.now() + broker.faults.latency(broker.world);
      arrival = broker.breakage.overtakes() ? at : Math.max(arrival + 1, at);
      broker.world.after(null, arrival - broker.world.now(), () -> arriveTogether(flights, false));
    } else if (topic.shape.refuses()) {
      boolean late = broker.world.chance(broker.faults.appendLate);
      if (late) {
        flights.forEach(this::replyFailed);
      }
      long delay = late ? broker.world.between(0, 5 * Faults.SECOND) : 0;
      broker.world.after(
          null, delay + broker.faults.latency(broker.world), () -> arriveTogether(flights, late));
    } else {
      flights.forEach(this::appendAlone);
    }
  }

  /** In order; where copies are refused by the highest number, nothing behind one that fails. */
  private void arriveTogether(List<Flight> flights, boolean silent) {
    boolean failing = false;
    for (Flight flight : flights) {
      failing = (failing && topic.shape.refuses()) || broker.world.chance(broker.faults.appendLost);
      SimRecord kept = failing ? null : store(flight);
      if (silent) {
        continue;
      }
      if (failing || broker.world.chance(broker.faults.appendReplyLost)) {
        replyFailed(flight);
      } else {
        replyStored(flight, kept);
      }
    }
  }

  /** By itself, whenever it gets there. */
  private void appendAlone(Flight flight) {
    boolean late = broker.world.chance(broker.faults.appendLate);
    boolean lost = broker.world.chance(broker.faults.appendLost);
    boolean replyLost = broker.world.chance(broker.faults.appendReplyLost);
    if (late || lost) {
      replyFailed(flight);
    }
    if (lost) {
      return;
    }
    long delay = late ? broker.world.between(0, 5 * Faults.SECOND) : 0;
    broker.world.after(
        null,
        delay + broker.faults.latency(broker.world),
        () -> {
          SimRecord kept = store(flight);
          if (!late) {
            if (replyLost) {
              replyFailed(flight);
            } else {
              replyStored(flight, kept);
            }
          }
        });
  }

  private @Nullable SimRecord store(Flight flight) {
    if (broker.breakage.forgets(topic.name)) {
      return null;
    }
    SimPartition to =
        topic.route(flight.key(), 31 * spec.producerId().hashCode() + (int) flight.sequence());
    if (topic.shape.refuses() && !broker.breakage.overtakes()) {
      long highest = to.sequences.getOrDefault(spec.producerId(), -1L);
      if (flight.sequence() <= highest) {
        broker.world.trace(
            "broker: refused number %d of %s as a copy of %s, partition %s is at %d",
            flight.sequence(), spec.producerId(), stored.get(flight.sequence()), to.name, highest);
        return stored.get(flight.sequence());
      }
      to.sequences.put(spec.producerId(), flight.sequence());
    }
    SimRecord kept = topic.append(to, flight.key(), flight.payload(), flight.headers());
    if (broker.breakage.doubles()) {
      topic.append(to, flight.key(), flight.payload(), Headers.empty());
    }
    stored.put(flight.sequence(), kept);
    return kept;
  }

  private void replyStored(Flight flight, @Nullable SimRecord kept) {
    broker.after(
        process,
        () -> {
          if (undecided.remove(flight.record())) {
            flight
                .record()
                .stored(
                    () ->
                        kept == null
                            ? CompletableFuture.failedFuture(
                                new DriverException(ErrorKind.UNKNOWN, "no position", null))
                            : CompletableFuture.completedFuture(kept.position()));
          }
        });
  }

  private void replyFailed(Flight flight) {
    broker.after(process, () -> decideFailed(flight, true));
  }

  private void decideFailed(Flight flight, boolean maybeStored) {
    if (undecided.remove(flight.record())) {
      flight
          .record()
          .failed(
              closed ? ErrorKind.CLOSED : ErrorKind.UNAVAILABLE,
              maybeStored,
              new DriverException(ErrorKind.UNAVAILABLE, "simulated", null));
    }
  }

  @Override
  public void hurry() {}

  @Override
  public void close() {
    closed = true;
    for (SinkRecord record : List.copyOf(undecided)) {
      undecided.remove(record);
      record.failed(ErrorKind.CLOSED, true, new DriverException(ErrorKind.CLOSED, "closed", null));
    }
  }
}
