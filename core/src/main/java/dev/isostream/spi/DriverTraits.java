package dev.isostream.spi;

/**
 * How the engine has to work with a backend. A trait never changes what an application sees;
 * anything that would is a limit.
 *
 * @param assignsLanes the broker deals lanes out to members; else the engine does, over leases
 * @param appendsInOrder the sink keeps the order of {@link Sink#append} calls per partition through
 *     its client's own retries, and what fails after that never lands behind a later one; else the
 *     engine sends again, and keeps one request per key in flight or, where {@code
 *     refusesDuplicates} holds, one {@link Sink#append}, always with the lowest numbers first
 * @param refusesDuplicates the store leaves out second copies of one append; else the engine adds
 *     ids on sending and leaves copies out on receiving (contract P4). Where the store knows copies
 *     by the highest number it has seen, a record that fails makes the sink fail the later ones of
 *     its partition in the same append too, or the engine's retry would be taken for a copy
 * @param acksIndividually the broker itself remembers each settled message ({@link
 *     LaneCommit#settled}); else the engine puts the settled ones beyond the watermark into {@link
 *     LaneCommit#state}
 * @param densePositions positions have one word and the next message's is at least one more; lets
 *     the engine note messages before they exist and write them compactly
 * @param cursorBytes the most bytes of {@link LaneCommit#state}
 * @param maxAppendBatch the most records in one {@link Sink#append}
 * @param maxAppendsInFlight the most {@link Sink#append} calls whose records are undecided; matters
 *     where the sink does not batch by itself. With 1 an append may hold several records of a key
 *     also where copies are not refused; the sink then keeps their order, and a record that fails
 *     makes it fail the later ones of its key in that append too
 */
public record DriverTraits(
    boolean assignsLanes,
    boolean appendsInOrder,
    boolean refusesDuplicates,
    boolean acksIndividually,
    boolean densePositions,
    int cursorBytes,
    int maxAppendBatch,
    int maxAppendsInFlight) {}
