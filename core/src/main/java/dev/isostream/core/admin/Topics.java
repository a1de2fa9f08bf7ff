package dev.isostream.core.admin;

import dev.isostream.InvalidRequestException;
import dev.isostream.Topic;
import dev.isostream.TopicAdmin;
import dev.isostream.core.config.Names;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.errors.Question;
import dev.isostream.spi.Admin;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import java.util.Optional;
import java.util.Set;

/** Administration of topics. Thread-safe. */
public final class Topics implements TopicAdmin {

  private final EngineContext context;
  private final Runnable checkOpen;

  /**
   * Over a driver.
   *
   * @param checkOpen fails once all is closed
   */
  public Topics(EngineContext context, Runnable checkOpen) {
    this.context = context;
    this.checkOpen = checkOpen;
  }

  @Override
  public void create(String topic, int partitions) {
    checkPartitions(partitions);
    Question question = question("creating topic", topic);
    question.change(() -> admin().createTopic(topic, partitions));
  }

  @Override
  public void grow(String topic, int partitions) {
    checkPartitions(partitions);
    Question question = question("growing topic", topic);
    int now = find(context, question, topic).partitions().size();
    if (partitions <= now) {
      throw new InvalidRequestException(
          "Topic \""
              + topic
              + "\" has "
              + now
              + " partitions and can only be given more, not "
              + partitions
              + ".");
    }
    question.change(() -> admin().growTopic(topic, partitions));
  }

  @Override
  public Optional<Description> describe(String topic) {
    Question question = question("describing topic", topic);
    return question
        .ask(() -> admin().describeTopic(topic))
        .map(info -> new Description(info.topic(), info.partitions()));
  }

  @Override
  public Set<String> list() {
    checkOpen.run();
    return Set.copyOf(new Question(context, "listing topics").ask(() -> admin().listTopics()));
  }

  @Override
  public void delete(String topic) {
    Question question = question("deleting topic", topic);
    question.change(() -> admin().deleteTopic(topic));
  }

  /** The topic, or a failure that says that there is none. */
  static Admin.TopicInfo find(EngineContext context, Question question, String topic) {
    return question
        .ask(() -> context.driver().admin().describeTopic(topic))
        .orElseThrow(
            () ->
                question.failed(
                    new DriverException(
                        ErrorKind.TOPIC_NOT_FOUND, "there is no topic \"" + topic + "\"", null)));
  }

  private Question question(String doing, String topic) {
    checkOpen.run();
    Names.check("topic", topic, Topic.MAX_NAME_LENGTH);
    return new Question(context, doing + " \"" + topic + "\"");
  }

  private static void checkPartitions(int partitions) {
    if (partitions < 1) {
      throw new InvalidRequestException("partitions must be 1 or more, was " + partitions + ".");
    }
  }

  private Admin admin() {
    return context.driver().admin();
  }
}
