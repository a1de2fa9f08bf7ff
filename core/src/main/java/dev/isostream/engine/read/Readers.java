package dev.isostream.engine.read;

import dev.isostream.Reader;
import dev.isostream.TopicNotFoundException;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.ReaderSettings;
import dev.isostream.engine.errors.Question;
import dev.isostream.spi.Admin;
import dev.isostream.spi.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Opens readers. Stateless. */
public final class Readers {

  private Readers() {}

  /** See {@link dev.isostream.ReaderBuilder#open}. */
  public static <T extends @Nullable Object> Reader<T> open(
      EngineContext context, ReaderSettings<T> settings) {
    String topic = settings.topic().name();
    String doing = "opening a reader of topic " + topic;
    Question question = new Question(context, doing);
    Optional<Admin.TopicInfo> info =
        question.ask(() -> context.driver().admin().describeTopic(topic));
    if (info.isEmpty()) {
      throw new TopicNotFoundException(
          "Failed while " + doing + ": there is no such topic. Create it, or check its name.");
    }
    Places places = new Places(context, topic);
    List<String> partitions = choose(places, settings.partitions(), info.get().partitions());
    ReaderReports reports = new ReaderReports(context, topic, settings.listeners());
    ReadSession session = new ReadSession(context, topic, places, reports, settings.whenRemoved());
    Map<String, Place> starts = places.find(question, settings.start(), partitions);
    Map<String, Place> ends = settings.untilEnd() ? places.ends(question, partitions) : Map.of();
    for (String partition : partitions) {
      session.add(
          partition, starts.getOrDefault(partition, Place.Origin.INSTANCE), ends.get(partition));
    }
    session.connect();
    boolean all = settings.partitions() == null && !settings.untilEnd();
    PartitionWatch watch = new PartitionWatch(context, topic, all, reports);
    return new EngineReader<>(context, settings, places, session, watch);
  }

  private static List<String> choose(
      Places places, @Nullable Set<String> wanted, List<String> existing) {
    if (wanted == null) {
      return existing;
    }
    places.check(wanted, existing);
    List<String> chosen = new ArrayList<>(existing);
    chosen.retainAll(wanted);
    return chosen;
  }
}
