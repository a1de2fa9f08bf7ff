package dev.isostream.kinesis;

import dev.isostream.spi.PropertyVerdict;
import java.net.URI;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which properties there are under {@code kinesis.}; names here are without it. Stateless. */
final class KinesisProperties {

  static final String REGION = "region";

  /** Where Kinesis is called instead of the region's own endpoint. */
  static final String ENDPOINT = "endpoint";

  static final String DYNAMODB_ENDPOINT = "dynamodb.endpoint";
  static final String ACCESS_KEY = "access.key.id";
  static final String SECRET_KEY = "secret.access.key";
  static final String SESSION_TOKEN = "session.token";
  static final String PROFILE = "profile";
  static final String ROLE = "role.arn";
  static final String ROLE_SESSION = "role.session.name";
  static final String ROLE_EXTERNAL_ID = "role.external.id";
  static final String TLS = "tls";
  static final String TRUST_STORE = "tls.trust.store";
  static final String TRUST_STORE_PASSWORD = "tls.trust.store.password";

  /** The table of all groups. */
  static final String TABLE = "table";

  static final String FAILOVER_TIME = "failover.time";

  /** From one read of a shard to the next. */
  static final String READ_INTERVAL = "read.interval";

  /** Whether groups read by enhanced fan-out. */
  static final String FAN_OUT = "fan.out";

  /** Of streams that are created. */
  static final String TOPIC_RETENTION = "topic.retention";

  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|h|d)");
  private static final Pattern TABLE_NAME = Pattern.compile("[A-Za-z0-9_.-]{3,255}");
  private static final Pattern REGION_NAME = Pattern.compile("[a-z]{2,8}(-[a-z]{2,16}){1,3}-\\d");
  private static final Pattern ROLE_NAME =
      Pattern.compile("arn:[a-z0-9-]+:iam::\\d{12}:role/[\\w+=,.@/-]{1,512}");

  private enum Kind {
    TEXT("a text that is not empty"),
    SECRET("a text that is not empty"),
    SWITCH("true or false"),
    AWS_REGION("a region's name, for example eu-west-1"),
    URL("a URL, http or https, for example https://kinesis.eu-west-1.amazonaws.com"),
    ROLE_ARN("a role's name, for example arn:aws:iam::123456789012:role/reader"),
    TABLE_TEXT("3 to 255 letters, digits, '_', '.' and '-'"),
    FAILOVER("a duration from 1s to 1h, for example 15s"),
    INTERVAL("a duration from 10ms to 1m, for example 250ms; below 200ms only for emulators"),
    RETENTION("whole hours from 24h to 8760h, for example 168h");

    final String allowed;

    Kind(String allowed) {
      this.allowed = allowed;
    }
  }

  private static final Map<String, Kind> KINDS =
      Map.ofEntries(
          Map.entry(REGION, Kind.AWS_REGION),
          Map.entry(ENDPOINT, Kind.URL),
          Map.entry(DYNAMODB_ENDPOINT, Kind.URL),
          Map.entry(ACCESS_KEY, Kind.TEXT),
          Map.entry(SECRET_KEY, Kind.SECRET),
          Map.entry(SESSION_TOKEN, Kind.SECRET),
          Map.entry(PROFILE, Kind.TEXT),
          Map.entry(ROLE, Kind.ROLE_ARN),
          Map.entry(ROLE_SESSION, Kind.TEXT),
          Map.entry(ROLE_EXTERNAL_ID, Kind.TEXT),
          Map.entry(TLS, Kind.SWITCH),
          Map.entry(TRUST_STORE, Kind.TEXT),
          Map.entry(TRUST_STORE_PASSWORD, Kind.SECRET),
          Map.entry(TABLE, Kind.TABLE_TEXT),
          Map.entry(FAILOVER_TIME, Kind.FAILOVER),
          Map.entry(READ_INTERVAL, Kind.INTERVAL),
          Map.entry(FAN_OUT, Kind.SWITCH),
          Map.entry(TOPIC_RETENTION, Kind.RETENTION));

  private KinesisProperties() {}

  static Set<String> names() {
    return new TreeSet<>(KINDS.keySet());
  }

  static PropertyVerdict check(String name, String value) {
    Kind kind = KINDS.get(name);
    if (kind == null) {
      return new PropertyVerdict.Unknown();
    }
    return fits(kind, value)
        ? new PropertyVerdict.Accepted(kind == Kind.SECRET)
        : new PropertyVerdict.Refused("allowed is " + kind.allowed);
  }

  private static boolean fits(Kind kind, String value) {
    return switch (kind) {
      case TEXT, SECRET -> !value.isEmpty();
      case SWITCH -> value.equals("true") || value.equals("false");
      case AWS_REGION -> isRegion(value);
      case URL -> isUrl(value);
      case ROLE_ARN -> ROLE_NAME.matcher(value).matches();
      case TABLE_TEXT -> TABLE_NAME.matcher(value).matches();
      case FAILOVER -> within(value, Duration.ofSeconds(1), Duration.ofHours(1));
      case INTERVAL -> within(value, Duration.ofMillis(10), Duration.ofMinutes(1));
      case RETENTION ->
          within(value, Duration.ofHours(24), Duration.ofHours(8760)) && isHours(value);
    };
  }

  static boolean isRegion(String value) {
    return REGION_NAME.matcher(value).matches();
  }

  private static boolean isUrl(String value) {
    try {
      URI url = URI.create(value);
      boolean web = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      return web && url.getHost() != null && url.getUserInfo() == null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean isHours(String value) {
    Duration duration = duration(value);
    return duration != null && duration.equals(Duration.ofHours(duration.toHours()));
  }

  private static boolean within(String value, Duration least, Duration most) {
    Duration duration = duration(value);
    return duration != null && duration.compareTo(least) >= 0 && duration.compareTo(most) <= 0;
  }

  /** Null where the text is none. */
  static @Nullable Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (matcher.matches()) {
      long number = Long.parseLong(matcher.group(1));
      return switch (matcher.group(2)) {
        case "ms" -> Duration.ofMillis(number);
        case "s" -> Duration.ofSeconds(number);
        case "m" -> Duration.ofMinutes(number);
        case "h" -> Duration.ofHours(number);
        default -> Duration.ofDays(number);
      };
    }
    try {
      return Duration.parse(text.strip());
    } catch (DateTimeParseException e) {
      return null;
    }
  }
}
