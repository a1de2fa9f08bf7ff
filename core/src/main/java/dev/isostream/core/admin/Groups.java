package dev.isostream.core.admin;

import dev.isostream.GroupAdmin;
import dev.isostream.StartAt;
import dev.isostream.Topic;
import dev.isostream.core.config.Names;
import dev.isostream.core.config.Positions;
import dev.isostream.engine.EngineContext;
import dev.isostream.engine.errors.Question;
import dev.isostream.spi.Admin;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Administration of groups (contract G8). Thread-safe. */
public final class Groups implements GroupAdmin {

  private final EngineContext context;
  private final String backend;
  private final Runnable checkOpen;

  /**
   * Over a driver.
   *
   * @param backend the scheme of its positions
   * @param checkOpen fails once all is closed
   */
  public Groups(EngineContext context, String backend, Runnable checkOpen) {
    this.context = context;
    this.backend = backend;
    this.checkOpen = checkOpen;
  }

  @Override
  public Set<String> list(String topic) {
    checkOpen.run();
    Names.check("topic", topic, Topic.MAX_NAME_LENGTH);
    Question question = new Question(context, "listing the groups of topic \"" + topic + "\"");
    Topics.find(context, question, topic);
    return Set.copyOf(question.ask(() -> admin().listGroups(topic)));
  }

  @Override
  public Optional<Description> describe(String topic, String group) {
    Question question = question("describing", topic, group);
    Optional<Admin.TopicInfo> found = question.ask(() -> admin().describeTopic(topic));
    if (found.isEmpty()) {
      return Optional.empty();
    }
    return question
        .ask(() -> admin().describeGroup(topic, group))
        .map(
            info ->
                new Description(
                    topic,
                    group,
                    info.members(),
                    new LagReader(context, question).lag(found.get(), info)));
  }

  @Override
  public void reset(String topic, String group, StartAt target) {
    Objects.requireNonNull(target, "target");
    Question question = question("resetting", topic, group);
    Positions.check(target, topic, backend);
    Admin.TopicInfo topicInfo = Topics.find(context, question, topic);
    Admin.GroupInfo groupInfo = find(question, topic, group);
    if (!groupInfo.members().isEmpty()) {
      throw question.failed(
          new DriverException(
              ErrorKind.GROUP_ACTIVE,
              "the group has " + groupInfo.members().size() + " live members",
              null));
    }
    var cursors = new Reset(context, question, topicInfo, groupInfo).cursors(target);
    question.change(() -> admin().writeCursors(topic, group, cursors));
  }

  @Override
  public void delete(String topic, String group) {
    Question question = question("deleting", topic, group);
    Topics.find(context, question, topic);
    find(question, topic, group);
    question.change(() -> admin().deleteGroup(topic, group));
  }

  private Admin.GroupInfo find(Question question, String topic, String group) {
    return question
        .ask(() -> admin().describeGroup(topic, group))
        .orElseThrow(
            () ->
                question.failed(
                    new DriverException(
                        ErrorKind.GROUP_NOT_FOUND,
                        "topic \"" + topic + "\" has no group \"" + group + "\"",
                        null)));
  }

  private Question question(String doing, String topic, String group) {
    checkOpen.run();
    Names.check("topic", topic, Topic.MAX_NAME_LENGTH);
    Names.check("group", group, Names.MAX_GROUP);
    return new Question(context, doing + " group \"" + group + "\" of topic \"" + topic + "\"");
  }

  private Admin admin() {
    return context.driver().admin();
  }
}
