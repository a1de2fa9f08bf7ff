package dev.isostream.memory;

import dev.isostream.spi.DriverException;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.Lane;
import dev.isostream.spi.LaneCommit;
import dev.isostream.spi.SourceListener;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** A member's source. Confined to its owner, but for {@link #wakeup}. */
final class MemoryMemberSource extends MemorySource implements GroupSource {

  private final String groupName;
  private final MemoryMember member;

  /** Lanes that the engine was given and has neither given back nor lost. */
  private final Set<Lane> held = new HashSet<>();

  /** Lanes to give back, which the broker may not have heard of. */
  private final Deque<Lane> releasing = new ArrayDeque<>();

  private MemoryGroup group;
  private boolean closed;

  MemoryMemberSource(MemoryConnection connection, MemoryTopic topic, GroupSpec spec) {
    super(connection, topic, spec.maxPollRecords(), spec.maxFetchBytes());
    MemoryConfig config = connection.config();
    this.groupName = spec.group();
    this.member =
        new MemoryMember(
            spec.memberId(),
            connection.clientId(),
            doorbell(),
            config.sessionTimeout(),
            config.rebalanceTimeout());
    this.group = connection.call(() -> topic.join(groupName, member));
  }

  @Override
  boolean tellNews(SourceListener listener) {
    if (!enter()) {
      return false;
    }
    MemoryGroup.News news;
    try {
      tellReleases();
      news = group.poll(member);
      if (news.gone()) {
        group = topic().join(groupName, member);
      }
    } finally {
      connection().exit();
    }
    for (MemoryGroup.Told told : news.told()) {
      tell(told, listener);
    }
    return !news.told().isEmpty();
  }

  @Override
  void unheard() {
    group.touch(member);
  }

  private void tell(MemoryGroup.Told told, SourceListener listener) {
    Lane lane = told.notice().lane();
    switch (told.notice().kind()) {
      case ASSIGNED -> {
        held.add(lane);
        listener.assigned(lane, told.cursor());
      }
      case REVOKING -> {
        if (held.contains(lane)) {
          listener.revoking(lane);
        }
      }
      case LOST -> {
        if (held.remove(lane)) {
          stop(lane);
          listener.lost(lane);
        }
      }
    }
  }

  @Override
  long patience() {
    return group.patience(member);
  }

  @Override
  public CompletionStage<Map<Lane, CommitOutcome>> commit(List<LaneCommit> commits) {
    List<LaneCommit> all = List.copyOf(commits);
    MemoryGroup asked = group;
    return connection()
        .ask(
            () -> {
              topic().checkExists();
              connection().authorize(topic().name());
              return asked.commit(member, all);
            });
  }

  @Override
  public void release(Lane lane) {
    stop(lane);
    if (held.remove(lane)) {
      releasing.add(lane);
    }
    try {
      if (connection().enter()) {
        try {
          tellReleases();
        } finally {
          connection().exit();
        }
      }
    } catch (DriverException e) {
      // the broker is away; the next poll tells it, or fails for the same reason
      return;
    }
  }

  private void tellReleases() {
    while (!releasing.isEmpty()) {
      group.release(member, releasing.remove());
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    super.close();
    try {
      if (connection().enter()) {
        try {
          topic().leave(groupName, member);
        } finally {
          connection().exit();
        }
      }
    } catch (DriverException e) {
      // the broker is away or the connection ended: the session ends by itself
      return;
    }
  }
}
