/**
 * Amazon Kinesis Data Streams over the AWS SDK, with groups in a DynamoDB table. Nothing here is
 * for applications; see the adapter's page.
 *
 * <p>Who does what: {@code KinesisProperties} and {@code KinesisConfig} what may be set, {@code
 * KinesisDriver} what is open, {@code KinesisClients} the native clients, {@code KinesisStream} and
 * {@code KinesisShards} a stream and its shards, {@code KinesisSink} appends, {@code KinesisSource}
 * reads ({@code KinesisMember} with a group) what {@code KinesisFetch} gets, {@code KinesisTable}
 * is the table, with {@code KinesisLeases} and {@code KinesisGroups} upon it, {@code KinesisAdmin}
 * and {@code KinesisPlaces} the rest; {@code KinesisAggregate} is the batch format, {@code
 * KinesisRecords} and {@code KinesisErrors} translate.
 */
@NullMarked
package dev.isostream.kinesis;

import org.jspecify.annotations.NullMarked;
