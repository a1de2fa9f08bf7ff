/** Plain Jedis, and how its server is had. */
@NullMarked
package dev.isostream.benchmarks.redis;

import org.jspecify.annotations.NullMarked;
