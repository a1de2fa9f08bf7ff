package dev.isostream.conformance.defect;

import java.util.List;
import java.util.stream.Stream;

/** All defects. Stateless. */
final class Defects {

  private Defects() {}

  static List<Defect> all() {
    return Stream.of(
            PublishDefects.all(),
            DeliveryDefects.all(),
            CursorDefects.all(),
            OrderDefects.all(),
            GroupDefects.all(),
            ReplayDefects.all(),
            FlowDefects.all(),
            ErrorDefects.all())
        .flatMap(List::stream)
        .toList();
  }
}
