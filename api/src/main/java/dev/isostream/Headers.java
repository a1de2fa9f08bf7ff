package dev.isostream;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The headers of a message, in the order in which they were added. Immutable. */
public final class Headers implements Iterable<Header> {

  private static final Headers EMPTY = new Headers(List.of());

  private final List<Header> all;

  private Headers(List<Header> all) {
    this.all = all;
  }

  /** No headers. */
  public static Headers empty() {
    return EMPTY;
  }

  /** These headers, in this order. */
  public static Headers of(Collection<Header> headers) {
    return headers.isEmpty() ? EMPTY : new Headers(List.copyOf(headers));
  }

  /** These and one more, after them. */
  public Headers with(Header header) {
    List<Header> more = new ArrayList<>(all.size() + 1);
    more.addAll(all);
    more.add(header);
    return new Headers(List.copyOf(more));
  }

  /** The last header of exactly this name. */
  public Optional<Header> last(String name) {
    for (int i = all.size() - 1; i >= 0; i--) {
      if (all.get(i).name().equals(name)) {
        return Optional.of(all.get(i));
      }
    }
    return Optional.empty();
  }

  /** The last value of exactly this name as UTF-8 text; empty where absent or null-valued. */
  public Optional<String> text(String name) {
    return last(name).map(Header::text);
  }

  /** All headers of exactly this name, in order. */
  public List<Header> all(String name) {
    return all.stream().filter(h -> h.name().equals(name)).toList();
  }

  /** All headers, in order. Immutable. */
  public List<Header> asList() {
    return all;
  }

  /** How many there are. */
  public int size() {
    return all.size();
  }

  /** Whether there are none. */
  public boolean isEmpty() {
    return all.isEmpty();
  }

  @Override
  public Iterator<Header> iterator() {
    return all.iterator();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Headers that && all.equals(that.all);
  }

  @Override
  public int hashCode() {
    return all.hashCode();
  }

  @Override
  public String toString() {
    return all.toString();
  }
}
