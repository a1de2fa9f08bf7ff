package dev.isostream.pulsar;

import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.log.GroupState;
import dev.isostream.spi.log.LogGroup;
import java.util.concurrent.CompletableFuture;

/** A group's topic. */
final class PulsarGroup {

  private PulsarGroup() {}

  /** Connects when it is first used. */
  static LogGroup open(PulsarClients clients, String topic, String group) {
    String doing = LogGroup.doing(topic, group);
    return new LogGroup(
        topic,
        group,
        new PulsarLog(clients, clients.groupTopic(topic, group), doing, new GroupState()),
        () -> clients.find(topic),
        PulsarErrors.TRANSLATOR);
  }

  /** Makes the topic, if there is none yet. */
  static CompletableFuture<Void> create(PulsarClients clients, String topic, String group) {
    String name = clients.groupTopic(topic, group);
    String doing = "Making group \"" + group + "\" of topic \"" + topic + "\"";
    return clients
        .exists(doing, name)
        .thenCompose(
            there ->
                there
                    ? CompletableFuture.completedFuture(null)
                    : clients.start(
                        doing,
                        () ->
                            unlessThere(
                                clients.admin().topics().createNonPartitionedTopicAsync(name))));
  }

  private static CompletableFuture<Void> unlessThere(CompletableFuture<Void> making) {
    return making.exceptionally(
        failure -> {
          if (PulsarErrors.kind(failure) == ErrorKind.ALREADY_EXISTS) {
            return null;
          }
          throw failure instanceof RuntimeException known
              ? known
              : new IllegalStateException(failure);
        });
  }
}
