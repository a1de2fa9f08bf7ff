package dev.isostream.conformance.defect;

import dev.isostream.Position;
import dev.isostream.spi.Admin;
import dev.isostream.spi.Driver;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.LaneCommit;
import dev.isostream.spi.Place;
import dev.isostream.spi.Sink;
import dev.isostream.spi.SinkRecord;
import dev.isostream.spi.Source;
import dev.isostream.spi.SourceListener;
import dev.isostream.spi.SourceRecord;
import dev.isostream.spi.StoredCursor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Has a driver's positions name another backend, so that it can stand under another scheme. */
final class Renamed {

  private final String inside;
  private final String outside;

  Renamed(String inside, String outside) {
    this.inside = inside;
    this.outside = outside;
  }

  Driver driver(Driver real) {
    return Parts.of(real)
        .sink(this::sink)
        .group(source -> source(GroupSource.class, source))
        .reader(source -> source(Source.class, source))
        .admin(this::admin)
        .driver();
  }

  private Sink sink(Sink real) {
    return Advice.instead(
        Sink.class, real, Map.of("append", call -> call.with(out(call.arg(0, List.class)))));
  }

  private Admin admin(Admin real) {
    Advice translated =
        call -> {
          Object result = call.with(in(call.args()));
          return result instanceof CompletionStage<?> stage ? stage.thenApply(this::out) : result;
        };
    return Advice.instead(
        Admin.class,
        real,
        Map.of("locate", translated, "describeGroup", translated, "writeCursors", translated));
  }

  private <S extends Source> S source(Class<S> type, S real) {
    Map<String, Advice> advices = new LinkedHashMap<>();
    Advice given = call -> call.with(in(call.args()));
    advices.put("read", given);
    advices.put("hasReached", given);
    if (type == GroupSource.class) {
      advices.put("commit", given);
    }
    advices.put(
        "poll", call -> call.with(call.args()[0], listener(call.arg(1, SourceListener.class))));
    return Advice.instead(type, real, advices);
  }

  private SourceListener listener(SourceListener engine) {
    Advice told = call -> call.with(out(call.args()));
    return Advice.instead(
        SourceListener.class, engine, Map.of("records", told, "removed", told, "assigned", told));
  }

  private @Nullable Object[] in(@Nullable Object[] values) {
    return each(values, value -> renamed(value, inside));
  }

  private @Nullable Object[] out(@Nullable Object[] values) {
    return each(values, value -> renamed(value, outside));
  }

  private static @Nullable Object[] each(
      @Nullable Object[] values, UnaryOperator<@Nullable Object> change) {
    @Nullable Object[] changed = values.clone();
    for (int i = 0; i < changed.length; i++) {
      changed[i] = change.apply(changed[i]);
    }
    return changed;
  }

  private @Nullable Object out(@Nullable Object value) {
    return renamed(value, outside);
  }

  private static @Nullable Object renamed(@Nullable Object value, String to) {
    if (value instanceof Position position) {
      return position(position, to);
    } else if (value instanceof Place.At at) {
      return new Place.At(position(at.position(), to));
    } else if (value instanceof Place.After after) {
      return new Place.After(position(after.position(), to));
    } else if (value instanceof StoredCursor cursor) {
      return cursor(cursor, to);
    } else if (value instanceof LaneCommit commit) {
      return new LaneCommit(
          commit.lane(),
          cursor(commit.cursor(), to),
          commit.settled(),
          commit.begun(),
          commit.ended());
    } else if (value instanceof Admin.LaneInfo info) {
      return new Admin.LaneInfo(
          cursor(info.cursor(), to), info.anchor(), info.backlog(), info.exact());
    } else if (value instanceof Admin.GroupInfo info) {
      Map<String, Admin.LaneInfo> lanes = new LinkedHashMap<>();
      info.lanes().forEach((name, lane) -> lanes.put(name, of(lane, Admin.LaneInfo.class, to)));
      return new Admin.GroupInfo(info.members(), lanes);
    } else if (value instanceof SourceRecord record) {
      return new RenamedRecord(record, to);
    } else if (value instanceof SinkRecord record) {
      return sinkRecord(record, to);
    }
    return inContainer(value, to);
  }

  private static @Nullable Object inContainer(@Nullable Object value, String to) {
    if (value instanceof Optional<?> some) {
      return some.map(each -> of(each, Object.class, to));
    } else if (value instanceof List<?> list) {
      List<Object> changed = new ArrayList<>(list.size());
      list.forEach(each -> changed.add(of(each, Object.class, to)));
      return changed;
    } else if (value instanceof Map<?, ?> map) {
      Map<Object, Object> changed = new LinkedHashMap<>();
      map.forEach((key, each) -> changed.put(key, of(each, Object.class, to)));
      return changed;
    }
    return value;
  }

  private static <T> T of(Object value, Class<T> type, String to) {
    return type.cast(java.util.Objects.requireNonNull(renamed(value, to)));
  }

  private static StoredCursor cursor(StoredCursor cursor, String to) {
    return new StoredCursor(of(cursor.place(), Place.class, to), cursor.state());
  }

  private static Position position(Position position, String to) {
    long[] words = new long[position.wordCount()];
    for (int i = 0; i < words.length; i++) {
      words[i] = position.word(i);
    }
    return Position.of(to, position.topic(), position.partition(), position.incarnation(), words);
  }

  @SuppressWarnings("unchecked")
  private static SinkRecord sinkRecord(SinkRecord record, String to) {
    return Advice.instead(
        SinkRecord.class,
        record,
        Map.of(
            "stored",
            call -> {
              Supplier<CompletionStage<Position>> asked = call.arg(0, Supplier.class);
              Supplier<CompletionStage<Position>> renamed =
                  () -> asked.get().thenApply(position -> position(position, to));
              return call.with(renamed);
            }));
  }

  private static final class RenamedRecord extends AlteredRecord {
    private final String backend;

    RenamedRecord(SourceRecord real, String backend) {
      super(real);
      this.backend = backend;
    }

    @Override
    public Position position() {
      return Renamed.position(super.position(), backend);
    }
  }
}
