package dev.isostream.spi;

import dev.isostream.Position;
import java.time.Instant;
import java.util.Objects;

/** A place between two messages of a partition. */
public sealed interface Place {

  /** Before the first message that is left. */
  enum Earliest implements Place {
    INSTANCE
  }

  /** Behind the last message that readers may see now. */
  enum Latest implements Place {
    INSTANCE
  }

  /**
   * Before the first message whose timestamp is this or later; behind the last if there is none.
   */
  record Since(Instant timestamp) implements Place {
    public Since {
      Objects.requireNonNull(timestamp);
    }
  }

  /** Before this message, which need not exist yet. */
  record At(Position position) implements Place {
    public At {
      Objects.requireNonNull(position);
    }
  }

  /** Behind this message. */
  record After(Position position) implements Place {
    public After {
      Objects.requireNonNull(position);
    }
  }

  /** Before the first message there ever was or will be; for partitions that are empty still. */
  enum Origin implements Place {
    INSTANCE
  }
}
