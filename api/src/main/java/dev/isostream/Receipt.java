package dev.isostream;

import java.util.concurrent.CompletionStage;

/** Says that the broker has a message durably (contract P1). */
public interface Receipt {

  /** The topic's name. */
  String topic();

  /**
   * Where the message is stored: complete at once on backends whose confirmation says so, else
   * asked of the broker by the first call.
   */
  CompletionStage<Position> position();
}
