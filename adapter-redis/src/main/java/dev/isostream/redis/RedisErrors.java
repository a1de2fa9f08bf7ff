package dev.isostream.redis;

import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.ExceptionTranslator;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisRedirectionException;

/** Native failures, classified once (contract E1, E3). */
final class RedisErrors {

  private static final int DEEPEST_CAUSE = 8;

  private static final ExceptionTranslator TRANSLATOR =
      ExceptionTranslator.of("Redis or its client", "server", RedisErrors::classify)
          .hint(ErrorKind.UNAVAILABLE, "is the address right, and the server up?")
          .hint(ErrorKind.AUTHENTICATION, "see redis.user and redis.password.")
          .hint(ErrorKind.AUTHORIZATION, "see the server's access control list.")
          .hint(ErrorKind.SECURE_CONNECTION, "see redis.tls and redis.tls.truststore.location.");

  /** By the code that a server's error starts with. */
  private static final Map<String, ErrorKind> CODES =
      Map.ofEntries(
          Map.entry("NOPERM", ErrorKind.AUTHORIZATION),
          Map.entry("NOAUTH", ErrorKind.AUTHENTICATION),
          Map.entry("WRONGPASS", ErrorKind.AUTHENTICATION),
          Map.entry("LOADING", ErrorKind.UNAVAILABLE),
          Map.entry("BUSY", ErrorKind.UNAVAILABLE),
          Map.entry("MASTERDOWN", ErrorKind.UNAVAILABLE),
          Map.entry("READONLY", ErrorKind.UNAVAILABLE),
          Map.entry("CLUSTERDOWN", ErrorKind.UNAVAILABLE),
          Map.entry("TRYAGAIN", ErrorKind.UNAVAILABLE),
          Map.entry("MOVED", ErrorKind.UNAVAILABLE),
          Map.entry("ASK", ErrorKind.UNAVAILABLE),
          Map.entry("MISCONF", ErrorKind.UNAVAILABLE),
          Map.entry("NOREPLICAS", ErrorKind.UNAVAILABLE),
          Map.entry("OOM", ErrorKind.UNAVAILABLE),
          Map.entry("NOSCRIPT", ErrorKind.UNAVAILABLE),
          Map.entry("UNBLOCKED", ErrorKind.UNAVAILABLE),
          Map.entry("NOGROUP", ErrorKind.GROUP_NOT_FOUND),
          Map.entry("WRONGTYPE", ErrorKind.INVALID));

  private RedisErrors() {}

  /** What kind of failure it is. */
  static ErrorKind kind(Throwable failure) {
    return TRANSLATOR.kind(failure);
  }

  private static ErrorKind classify(Throwable bare) {
    if (bare instanceof JedisRedirectionException) {
      return ErrorKind.UNAVAILABLE;
    }
    for (Throwable at = bare; at != null; at = at.getCause()) {
      if (at instanceof JedisDataException) {
        ErrorKind kind = ofCode(String.valueOf(at.getMessage()));
        if (kind != ErrorKind.UNKNOWN) {
          return kind;
        }
      }
    }
    if (bare instanceof JedisAccessControlException) {
      return ErrorKind.AUTHENTICATION;
    }
    return bare instanceof JedisDataException ? ErrorKind.UNKNOWN : ofCause(bare);
  }

  private static ErrorKind ofCause(Throwable failure) {
    Throwable at = failure;
    for (int i = 0; i < DEEPEST_CAUSE && at != null; i++) {
      if (at instanceof javax.net.ssl.SSLException
          || at instanceof java.security.GeneralSecurityException) {
        return ErrorKind.SECURE_CONNECTION;
      }
      at = at.getCause();
    }
    boolean isConnection = failure instanceof JedisConnectionException;
    return isConnection || failure instanceof JedisException
        ? ErrorKind.UNAVAILABLE
        : ErrorKind.UNKNOWN;
  }

  private static ErrorKind ofCode(String message) {
    int space = message.indexOf(' ');
    ErrorKind kind = CODES.get(space < 0 ? message : message.substring(0, space));
    if (kind != null) {
      return kind;
    }
    // Redis has no code for what the user may not do inside a script, and 8 another text than 7.0
    String text = message.startsWith("ERR ") ? message.substring("ERR ".length()) : message;
    return text.startsWith("The user executing the script can't")
            || text.startsWith("ACL failure in script")
        ? ErrorKind.AUTHORIZATION
        : ErrorKind.UNKNOWN;
  }

  /** See {@link ExceptionTranslator#translate}. */
  static DriverException translate(String doing, Throwable failure) {
    return TRANSLATOR.translate(doing, failure);
  }

  /** See {@link ExceptionTranslator#of(ErrorKind, String, Throwable)}. */
  static DriverException of(ErrorKind kind, String doing, @Nullable Throwable failure) {
    return TRANSLATOR.of(kind, doing, failure);
  }
}
