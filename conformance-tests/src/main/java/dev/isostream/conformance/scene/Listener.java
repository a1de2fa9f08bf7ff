package dev.isostream.conformance.scene;

import dev.isostream.MemberListener;
import dev.isostream.MessageInfo;
import dev.isostream.MessagingException;
import dev.isostream.Position;
import dev.isostream.conformance.history.Event;
import dev.isostream.conformance.history.History;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Records what a member tells, and keeps it. */
public final class Listener implements MemberListener {

  /** Something told, by the listener's method. */
  public record Told(String what, Object... details) {
    @Override
    public String toString() {
      return what + java.util.Arrays.toString(details);
    }
  }

  private final History history;
  private final String group;
  private final String member;
  private final List<Told> told = new CopyOnWriteArrayList<>();

  /** Records as this member of this group. */
  public Listener(History history, String group, String member) {
    this.history = history;
    this.group = group;
    this.member = member;
  }

  /** Everything told by this method so far. */
  public List<Told> told(String what) {
    return told.stream().filter(t -> t.what().equals(what)).toList();
  }

  private void tell(String what, @Nullable Object... details) {
    Object[] shown = new Object[details.length];
    for (int i = 0; i < shown.length; i++) {
      Object detail = details[i];
      shown[i] = detail == null ? "null" : detail;
    }
    told.add(new Told(what, shown));
  }

  @Override
  public void assigned(Set<String> partitions) {
    history.record(nanos -> new Event.Assigned(nanos, group, member, Set.copyOf(partitions)));
    tell("assigned", partitions);
  }

  @Override
  public void revoked(Set<String> partitions) {
    history.record(nanos -> new Event.Revoked(nanos, group, member, Set.copyOf(partitions)));
    tell("revoked", partitions);
  }

  @Override
  public void lost(Set<String> partitions) {
    history.record(nanos -> new Event.Lost(nanos, group, member, Set.copyOf(partitions)));
    tell("lost", partitions);
  }

  @Override
  public void attemptFailed(MessageInfo message, int attempt, @Nullable Throwable cause) {
    tell("attemptFailed", message.position(), attempt, cause);
  }

  @Override
  public void deadLettered(MessageInfo message, int attempts, String reason) {
    tell("deadLettered", message.position(), attempts, reason);
  }

  @Override
  public void discarded(MessageInfo message, int attempts, String reason) {
    tell("discarded", message.position(), attempts, reason);
  }

  @Override
  public void deadLetterFailed(MessageInfo message, Throwable cause) {
    tell("deadLetterFailed", message.position(), cause);
  }

  @Override
  public void stuck(MessageInfo message, Duration age) {
    tell("stuck", message.position(), age);
  }

  @Override
  public void gap(String partition, Position expected, @Nullable Position continuedAt) {
    tell("gap", partition, expected, continuedAt);
  }

  @Override
  public void windowFull(String partition, int open) {
    tell("windowFull", partition, open);
  }

  @Override
  public void partitionsChanged(Set<String> before, Set<String> after) {
    tell("partitionsChanged", before, after);
  }

  @Override
  public void failed(MessagingException cause) {
    tell("failed", cause);
  }
}
