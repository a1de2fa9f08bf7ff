package dev.isostream.conformance.defect;

import dev.isostream.Delivery;
import dev.isostream.Position;
import dev.isostream.ReaderBuilder;
import dev.isostream.StartAt;
import dev.isostream.spi.Source;
import dev.isostream.spi.SourceRecord;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Broken readers, positions and resets. */
@SuppressWarnings({"rawtypes", "unchecked"}) // the payload's type does not matter to any of it
final class ReplayDefects {

  private ReplayDefects() {}

  static List<Defect> all() {
    return List.of(
        afterIsFrom(),
        readsAllPartitions(),
        timestampsDrift(),
        positionsAreOffByOne(),
        roundsTimestamps(),
        hidesRemoved(),
        alwaysCaughtUp(),
        seeksNowhere(),
        attemptsOutliveReset());
  }

  private static Defect afterIsFrom() {
    return Defect.of("after-is-from", "R1", "after a position: what follows it")
        .byEngine(
            real ->
                Api.of(real)
                    .readerBuilder(
                        Map.of(
                            "after",
                            call -> {
                              Object unused =
                                  ((ReaderBuilder<?>) call.real())
                                      .from(call.arg(0, Position.class));
                              return call.proxy();
                            }))
                    .messaging());
  }

  private static Defect readsAllPartitions() {
    return Defect.of("reads-all-partitions", "R1", "a reader of some partitions reads those")
        .byEngine(
            real ->
                Api.of(real).readerBuilder(Map.of("partitions", call -> call.proxy())).messaging());
  }

  /** Shows another timestamp each time. */
  private static Defect timestampsDrift() {
    return Defect.of("timestamps-drift", "R2", "reading again gives the same messages")
        .byDriver(
            real -> {
              Map<Position, AtomicInteger> reads = new ConcurrentHashMap<>();
              return Parts.of(real)
                  .reader(
                      source ->
                          Parts.told(
                              Source.class,
                              source,
                              records -> {
                                records.replaceAll(record -> drifted(record, reads));
                                return records;
                              }))
                  .driver();
            });
  }

  private static SourceRecord drifted(SourceRecord record, Map<Position, AtomicInteger> reads) {
    int before =
        reads.computeIfAbsent(record.position(), p -> new AtomicInteger()).getAndIncrement();
    return new AlteredRecord(record) {
      @Override
      public Instant timestamp() {
        return super.timestamp().plusMillis(before);
      }
    };
  }

  private static Defect positionsAreOffByOne() {
    return Defect.of("positions-are-off-by-one", "R3", "a delivery's position resumes exactly")
        .byEngine(
            real ->
                Api.of(real)
                    .deliveries(
                        () ->
                            delivery ->
                                delivery.topic().contains("topic")
                                    ? Api.delivery(
                                        delivery, Map.of("position", call -> next(delivery)))
                                    : delivery)
                    .messaging());
  }

  private static Position next(Delivery<?> delivery) {
    return delivery.position().withWords(delivery.position().word(0) + 1);
  }

  private static Defect roundsTimestamps() {
    return Defect.of("rounds-timestamps", "R4", "the first message of that time or later")
        .byEngine(
            real ->
                Api.of(real)
                    .readerBuilder(
                        Map.of(
                            "from",
                            call ->
                                call.args()[0] instanceof StartAt.Timestamp since
                                    ? call.with(
                                        StartAt.timestamp(
                                            since.timestamp().truncatedTo(ChronoUnit.SECONDS)))
                                    : call.proceed()))
                    .messaging());
  }

  private static Defect hidesRemoved() {
    return Defect.of(
            "hides-removed",
            "R5",
            "fails: wanted | is an error: wanted | counts as removed: wanted")
        .byDriver(
            real ->
                Parts.of(real)
                    .reader(
                        source ->
                            Parts.listened(
                                Source.class,
                                source,
                                Map.of("removed", GroupDefects.goingOn(source))))
                    .driver());
  }

  private static Defect alwaysCaughtUp() {
    return Defect.of("always-caught-up", "R6", "a reader with messages before it has not caught up")
        .byEngine(
            real -> Api.of(real).reader(() -> Map.of("isCaughtUp", call -> true)).messaging());
  }

  private static Defect seeksNowhere() {
    return Defect.of("seeks-nowhere", "R6", "after a seek it goes on there")
        .and("R5", "a reader that seeks to what was removed fails")
        .byEngine(real -> Api.of(real).reader(() -> Map.of("seek", call -> null)).messaging());
  }

  /** Remembers, through a reset, what it had counted. */
  private static Defect attemptsOutliveReset() {
    return Defect.of("attempts-outlive-reset", "R7", "after a reset attempts are 1")
        .by(
            () -> {
              Map<String, Integer> counted = new ConcurrentHashMap<>();
              return new Variant() {
                @Override
                public dev.isostream.Messaging messaging(dev.isostream.Messaging real) {
                  return Api.of(real)
                      .consumer(
                          () ->
                              Map.of(
                                  "receiveBatch",
                                  call -> {
                                    String group =
                                        ((dev.isostream.Consumer<?>) call.real()).group();
                                    return ((List<Delivery<?>>)
                                            Objects.requireNonNull(call.proceed()))
                                        .stream().map(d -> remembering(group, d, counted)).toList();
                                  }))
                      .messaging();
                }
              };
            });
  }

  private static Delivery<?> remembering(
      String group, Delivery<?> delivery, Map<String, Integer> counted) {
    int attempt = counted.merge(group + "@" + delivery.position(), delivery.attempt(), Math::max);
    return Api.delivery(delivery, Map.of("attempt", call -> attempt));
  }
}
