package dev.isostream.engine.consume;

import org.jspecify.annotations.Nullable;

/** Any code as an event. */
final class Task implements Mail {

  private final Runnable code;
  private @Nullable Mail next;

  Task(Runnable code) {
    this.code = code;
  }

  @Override
  public @Nullable Mail nextMail() {
    return next;
  }

  @Override
  public void nextMail(@Nullable Mail mail) {
    this.next = mail;
  }

  @Override
  public void deliver() {
    code.run();
  }
}
