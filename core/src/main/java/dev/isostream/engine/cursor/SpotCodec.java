package dev.isostream.engine.cursor;

import java.util.Collection;

/**
 * Spots as bytes: in dense lanes the distance from the spot before, else partition and words in
 * full, the partition only where it changes. Confined to one thread.
 */
final class SpotCodec {

  private final boolean dense;
  private final long base;
  private long last;
  private String partition = "";

  SpotCodec(boolean dense, long base) {
    this.dense = dense;
    this.base = base;
    this.last = base;
  }

  long base() {
    return base;
  }

  /** Begins a list anew. */
  void restart() {
    last = base;
    partition = "";
  }

  /** Spots of one list must come in order. */
  void write(ByteWriter out, Spot spot) {
    if (dense) {
      out.varint(spot.offset() - last);
      last = spot.offset();
      return;
    }
    out.text(spot.partition().equals(partition) ? "" : spot.partition());
    partition = spot.partition();
    out.octet(spot.words().length);
    for (long word : spot.words()) {
      out.varint(word);
    }
  }

  Spot read(ByteReader in) {
    if (dense) {
      last += in.varint();
      return Spot.dense(last);
    }
    String named = in.text(255);
    if (!named.isEmpty()) {
      partition = named;
    }
    int count = in.octet();
    if (count == 0 || count > 8) {
      throw in.malformed(count + " words");
    }
    long[] words = new long[count];
    for (int i = 0; i < count; i++) {
      words[i] = in.varint();
    }
    return new Spot(partition, words);
  }

  void readAll(ByteReader in, Collection<Spot> into) {
    restart();
    int count = in.smallVarint(in.remaining());
    for (int i = 0; i < count; i++) {
      into.add(read(in));
    }
  }
}
