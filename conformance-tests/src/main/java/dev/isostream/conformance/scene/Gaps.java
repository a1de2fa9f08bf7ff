package dev.isostream.conformance.scene;

import dev.isostream.MemberListener;
import dev.isostream.Position;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Keeps the gaps that a reader tells of. Thread-safe. */
public final class Gaps implements MemberListener {

  private final List<Position> continuedAt = new CopyOnWriteArrayList<>();

  @Override
  public void gap(String partition, Position expected, @Nullable Position continued) {
    if (continued != null) {
      continuedAt.add(continued);
    }
  }

  /** Where it went on. */
  public List<Position> continuedAt() {
    return List.copyOf(continuedAt);
  }
}
