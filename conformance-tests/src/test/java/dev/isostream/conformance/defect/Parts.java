package dev.isostream.conformance.defect;

import dev.isostream.spi.Admin;
import dev.isostream.spi.Driver;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.Sink;
import dev.isostream.spi.Source;
import dev.isostream.spi.SourceListener;
import dev.isostream.spi.SourceRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/** A driver some parts of which are replaced. */
final class Parts {

  private final Driver real;
  private final Map<String, Advice> advices = new LinkedHashMap<>();

  private Parts(Driver real) {
    this.real = real;
  }

  /** The parts of this driver. */
  static Parts of(Driver real) {
    return new Parts(real);
  }

  /** Each sink is replaced. */
  Parts sink(UnaryOperator<Sink> broken) {
    advices.put("openSink", call -> broken.apply((Sink) opened(call)));
    return this;
  }

  /** Each member's source is replaced. */
  Parts group(UnaryOperator<GroupSource> broken) {
    return group((spec, source) -> broken.apply(source));
  }

  /** Each member's source is replaced. */
  Parts group(BiFunction<GroupSpec, GroupSource, GroupSource> broken) {
    advices.put(
        "openGroup",
        call -> broken.apply(call.arg(0, GroupSpec.class), (GroupSource) opened(call)));
    return this;
  }

  /** Each reader's source is replaced. */
  Parts reader(UnaryOperator<Source> broken) {
    advices.put("openReader", call -> broken.apply((Source) opened(call)));
    return this;
  }

  /** The administration is replaced. */
  Parts admin(UnaryOperator<Admin> broken) {
    advices.put("admin", call -> broken.apply((Admin) opened(call)));
    return this;
  }

  /** Each record that anyone reads is replaced. */
  Parts records(UnaryOperator<SourceRecord> broken) {
    return group(source -> told(GroupSource.class, source, records -> each(records, broken)))
        .reader(source -> told(Source.class, source, records -> each(records, broken)));
  }

  private static Object opened(Advice.Call call) throws Throwable {
    return Objects.requireNonNull(call.proceed());
  }

  /** The driver with these parts. */
  Driver driver() {
    return Advice.instead(Driver.class, real, advices);
  }

  /** A source that tells its records otherwise. */
  static <S extends Source> S told(
      Class<S> type, S real, UnaryOperator<List<SourceRecord>> records) {
    return listened(
        type,
        real,
        Map.of("records", call -> call.with(call.args()[0], records.apply(records(call)))));
  }

  /** A source that tells its listener otherwise. */
  static <S extends Source> S listened(Class<S> type, S real, Map<String, Advice> listener) {
    return Advice.instead(
        type,
        real,
        Map.of(
            "poll",
            call ->
                call.with(
                    call.args()[0],
                    Advice.instead(
                        SourceListener.class, call.arg(1, SourceListener.class), listener))));
  }

  /** The records of a call of {@link SourceListener#records}. */
  static List<SourceRecord> records(Advice.Call call) {
    List<SourceRecord> records = new ArrayList<>();
    for (Object record : call.arg(1, List.class)) {
      records.add((SourceRecord) record);
    }
    return records;
  }

  private static List<SourceRecord> each(
      List<SourceRecord> records, UnaryOperator<SourceRecord> change) {
    records.replaceAll(change);
    return records;
  }
}
