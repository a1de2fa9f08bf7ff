package dev.isostream.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.spi.ErrorKind;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

class RedisErrorsTest {

  @ParameterizedTest
  @CsvSource({
    "NOPERM no permission, AUTHORIZATION",
    "WRONGPASS invalid, AUTHENTICATION",
    "NOAUTH Authentication required., AUTHENTICATION",
    "LOADING Redis is loading, UNAVAILABLE",
    "READONLY You can't write, UNAVAILABLE",
    "OOM command not allowed, UNAVAILABLE",
    "WRONGTYPE Operation, INVALID",
    "ERR something, UNKNOWN",
    "ERR The user executing the script can't run this command or subcommand, AUTHORIZATION",
    "ERR ACL failure in script: User u has no permissions to run the 'xadd' command, AUTHORIZATION"
  })
  void serversSayWhatByTheirFirstWord(String message, ErrorKind kind) {
    assertThat(RedisErrors.kind(new JedisDataException(message))).isEqualTo(kind);
  }

  @Test
  void connectionsFailForOneOfTwoReasons() {
    assertThat(RedisErrors.kind(new JedisConnectionException("refused")))
        .isEqualTo(ErrorKind.UNAVAILABLE);
    assertThat(
            RedisErrors.kind(
                new JedisConnectionException("x", new SSLHandshakeException("untrusted"))))
        .isEqualTo(ErrorKind.SECURE_CONNECTION);
  }
}
