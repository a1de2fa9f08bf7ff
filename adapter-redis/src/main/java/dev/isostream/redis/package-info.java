/**
 * Redis Streams over Jedis. Nothing here is for applications; see the adapter's page.
 *
 * <p>Who does what: {@link dev.isostream.redis.RedisConfig} what may be set and what the client is
 * opened with, {@code RedisServers} connections and requests, {@code RedisScript} what the server
 * does by itself, {@code RedisDriver} what is open, {@code RedisSink} appends, {@code RedisSource}
 * reads ({@code RedisReader} without, {@code RedisMember} with a group) by {@code RedisFetcher}s,
 * {@code RedisLeases} who owns what, {@code RedisAdmin} the rest; {@code RedisKeys}, {@code
 * RedisRecords}, {@code RedisId} and {@code RedisErrors} translate.
 */
@NullMarked
package dev.isostream.redis;

import org.jspecify.annotations.NullMarked;
