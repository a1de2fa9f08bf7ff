package dev.isostream.spi;

import java.util.List;

/**
 * Appends to one topic.
 *
 * <p>Threads: {@link #append} is called by one thread at a time (not always the same one), and is
 * over with the list when it returns. {@link #close} may be called while a call runs.
 */
public interface Sink extends AutoCloseable {

  /**
   * Appends these records, in this order per key.
   *
   * <p>A record without a key goes to any partition; but where it is sent again after an undecided
   * request, by the client or by the engine, it goes to the same one. Elsewhere its first copy
   * would not be known for what it is, neither by a store that refuses copies within a partition
   * nor by receivers (contract P4).
   *
   * <p>Each record is decided exactly once, by {@link SinkRecord#stored} or {@link
   * SinkRecord#failed}, from any thread, during the call or later, at the latest after the delivery
   * timeout of the spec. A record that is not decided by then, or that close finds, is failed.
   *
   * <p>Blocks: never for I/O. Does not throw. Never sends a record again on its own, unless {@link
   * DriverTraits#appendsInOrder} and {@link DriverTraits#refusesDuplicates} hold for that.
   */
  void append(List<? extends SinkRecord> records);

  /**
   * Hurries along what the client holds back to fill its batches; decides nothing. Does nothing
   * where the client holds nothing back.
   */
  void hurry();

  /** Fails what is undecided as maybe stored, and frees everything. Harmless when repeated. */
  @Override
  void close();
}
