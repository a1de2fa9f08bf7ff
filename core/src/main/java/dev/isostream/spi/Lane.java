package dev.isostream.spi;

import java.util.Objects;

/**
 * One lane in one member's hands: a unit of ownership with a cursor. Mostly a partition; on
 * backends whose subscription is one queue, all partitions together.
 *
 * <p>Equality includes the epoch: a lane that went and came back is another lane, so nothing late
 * can be taken for new.
 *
 * @param name stable, unique within the topic; the partition's name where it is one
 * @param epoch grows each time the lane is given to a member, as far as this member can see; fences
 *     writes where the backend can
 * @param anchor exactly one lane of a topic is the anchor, always: its cursor also holds what
 *     belongs to the group as a whole
 */
public record Lane(String name, long epoch, boolean anchor) {
  public Lane {
    Objects.requireNonNull(name, "name");
  }
}
