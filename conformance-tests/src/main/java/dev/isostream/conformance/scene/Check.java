package dev.isostream.conformance.scene;

/** Something that can fail in any way. */
@FunctionalInterface
public interface Check {

  /** Does it. */
  void run() throws Exception;
}
