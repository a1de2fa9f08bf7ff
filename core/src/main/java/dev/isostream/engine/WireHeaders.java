package dev.isostream.engine;

import dev.isostream.Header;
import dev.isostream.Headers;
import java.util.ArrayList;
import java.util.List;

/** The header names that belong to the engine (docs/semantics.md, wire headers). Stateless. */
public final class WireHeaders {

  /** What all of them start with, in exactly these letters. */
  public static final String PREFIX = "isostream-";

  /** What those of dead letters start with; they are shown to applications. */
  public static final String DEAD_PREFIX = "isostream-dead-";

  /** The producer's id (contract P4). */
  public static final String PRODUCER = "isostream-producer";

  /** The message's number within its producer (contract P4). */
  public static final String SEQUENCE = "isostream-seq";

  private WireHeaders() {}

  /** Whether applications neither see nor send headers of this name. */
  public static boolean isReserved(String name) {
    return name.startsWith(PREFIX) && !name.startsWith(DEAD_PREFIX);
  }

  /** The headers without those that applications don't see; the same object if there are none. */
  public static Headers visible(Headers all) {
    List<Header> list = all.asList();
    for (int i = 0; i < list.size(); i++) {
      if (isReserved(list.get(i).name())) {
        return without(list);
      }
    }
    return all;
  }

  private static Headers without(List<Header> list) {
    List<Header> shown = new ArrayList<>(list.size());
    for (Header header : list) {
      if (!isReserved(header.name())) {
        shown.add(header);
      }
    }
    return Headers.of(shown);
  }
}
