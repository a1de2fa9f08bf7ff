package dev.isostream.engine.publish;

import java.util.concurrent.atomic.AtomicLong;

/** A counter that shares its cache line with nothing else. Thread-safe. */
final class PaddedCounter extends AtomicLong {

  private static final long serialVersionUID = 1L;

  // Only there to take up 128 bytes: two lines, which processors fetch in pairs.
  long p01;
  long p02;
  long p03;
  long p04;
  long p05;
  long p06;
  long p07;
  long p08;
  long p09;
  long p10;
  long p11;
  long p12;
  long p13;
  long p14;
  long p15;
}
