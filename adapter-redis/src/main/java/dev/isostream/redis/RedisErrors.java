package dev.isostream.redis;

import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisRedirectionException;

/** Native failures, classified once (contract E1, E3). */
final class RedisErrors {

  private static final int DEEPEST_CAUSE = 8;

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
    Throwable bare = bare(failure);
    if (bare instanceof DriverException known) {
      return known.kind();
    }
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

  private static Throwable bare(Throwable failure) {
    Throwable bare = failure;
    while ((bare instanceof CompletionException || bare instanceof ExecutionException)
        && bare.getCause() != null) {
      bare = bare.getCause();
    }
    return bare;
  }

  /**
   * Classifies, and says what was done.
   *
   * @param doing the beginning of a sentence, for example {@code Opening topic "orders"}
   */
  static DriverException translate(String doing, Throwable failure) {
    Throwable bare = bare(failure);
    return bare instanceof DriverException known ? known : of(kind(bare), doing, bare);
  }

  static DriverException of(ErrorKind kind, String doing, @Nullable Throwable failure) {
    return new DriverException(
        kind,
        doing + " failed: " + sentence(kind) + (failure == null ? "" : detail(failure)),
        failure);
  }

  private static String detail(Throwable failure) {
    String message = failure.getMessage();
    Throwable cause = failure.getCause();
    String text = message == null ? failure.getClass().getSimpleName() : message.strip();
    String more = cause == null || cause.getMessage() == null ? "" : cause.getMessage().strip();
    return " Redis or its client says: "
        + text
        + (more.isEmpty() || text.contains(more) ? "" : " (" + more + ")");
  }

  private static String sentence(ErrorKind kind) {
    return switch (kind) {
      case UNAVAILABLE ->
          "no server answered as it should in time; is the address right, and the server up?";
      case TOPIC_NOT_FOUND -> "there is no such topic.";
      case GROUP_NOT_FOUND -> "there is no such group.";
      case GROUP_ACTIVE -> "the group has live members; close them first.";
      case ALREADY_EXISTS -> "there is one of that name.";
      case AUTHENTICATION ->
          "the server refused the credentials; see redis.user and redis.password.";
      case AUTHORIZATION ->
          "the server's access control list grants this user no permission for it.";
      case SECURE_CONNECTION ->
          "TLS was not agreed on; see redis.tls and redis.tls.truststore.location.";
      case TOO_LARGE -> "it is larger than the server or the client takes.";
      case INVALID -> "the server or the client does not take it.";
      case FENCED -> "it is another member's or writer's by now.";
      case REMOVED -> "the place is not in the log.";
      case CLOSED -> "the client was closed.";
      case UNKNOWN -> "the client or the server failed in a way not known here.";
    };
  }
}
