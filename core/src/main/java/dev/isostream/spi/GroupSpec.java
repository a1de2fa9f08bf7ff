package dev.isostream.spi;

import java.time.Duration;

/**
 * What a member joins its group with.
 *
 * @param memberId unique for this member
 * @param drainLimit how long the engine may take to give a lane back; the source checks it against
 *     the broker's patience and fails with {@link ErrorKind#INVALID} where it does not fit
 *     (contract G4)
 * @param maxPollRecords about how many records one poll should tell at most
 * @param maxFetchBytes about how many bytes the client may hold that were not told yet
 */
public record GroupSpec(
    String topic,
    String group,
    String memberId,
    Duration drainLimit,
    int maxPollRecords,
    int maxFetchBytes) {}
