package dev.isostream.kafka;

import dev.isostream.spi.PropertyVerdict;
import dev.isostream.spi.PropertyVerdict.Accepted;
import dev.isostream.spi.PropertyVerdict.Refused;
import dev.isostream.spi.PropertyVerdict.Unknown;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * Which properties there are under {@code kafka.}, and which native ones would break the contract
 * (contract E2). Names here are without that prefix.
 *
 * <p>A native name goes to every client that knows it; {@code producer.}, {@code consumer.} or
 * {@code admin.} before it, to that client only.
 */
final class KafkaProperties {

  /** Replicas of topics that are created; -1 for the broker's default. */
  static final String REPLICATION_FACTOR = "topic.replication.factor";

  /** Before the configuration of topics that are created, for example {@code retention.ms}. */
  static final String TOPIC_CONFIG_PREFIX = "topic.config.";

  /** The brokers' {@code offset.metadata.max.bytes}. */
  static final String CURSOR_METADATA_MAX_BYTES = "cursor.metadata.max.bytes";

  private static final int LEAST_CURSOR_METADATA_BYTES = 1024;
  private static final int MOST_CURSOR_METADATA_BYTES = 1 << 20;

  /**
   * What may not be set freely.
   *
   * @param allowed values that do no harm; null where it must not be set at all
   */
  private record Rule(@Nullable Set<String> allowed, String reason) {
    static Rule never(String reason) {
      return new Rule(null, reason);
    }

    static Rule only(Set<String> allowed, String reason) {
      return new Rule(allowed, reason);
    }

    boolean permits(String value) {
      return allowed != null && allowed.contains(value);
    }
  }

  private static final Map<String, Rule> COMMON_RULES =
      Map.of(
          "bootstrap.servers", Rule.never("the address says it"),
          "client.id", Rule.never("it is made of the client id that is set for all backends"),
          "request.timeout.ms", Rule.never("the request timeout is set for all backends"),
          "default.api.timeout.ms", Rule.never("the request timeout is set for all backends"),
          "interceptor.classes",
              Rule.never("an interceptor can change or drop records unseen (contract D1, P6)"));

  private static final Map<String, Rule> PRODUCER_RULES =
      Map.ofEntries(
          Map.entry("key.serializer", Rule.never("codecs do it")),
          Map.entry("value.serializer", Rule.never("codecs do it")),
          Map.entry("acks", Rule.only(Set.of("all", "-1"), "sent means durable (contract P1)")),
          Map.entry(
              "enable.idempotence",
              Rule.only(Set.of("true"), "without it retries swap and double (contract P2, P4)")),
          Map.entry(
              "max.in.flight.requests.per.connection",
              Rule.only(
                  Set.of("1"),
                  "with more, a broker that restarts may take a repeated request for a new one"
                      + " (contract P4)")),
          Map.entry("retries", Rule.never("retries end with the delivery timeout (contract P3)")),
          Map.entry("delivery.timeout.ms", Rule.never("each producer has its delivery timeout")),
          Map.entry("transactional.id", Rule.never("there are no transactions")),
          Map.entry("transaction.timeout.ms", Rule.never("there are no transactions")),
          Map.entry("transaction.two.phase.commit.enable", Rule.never("there are no transactions")),
          Map.entry("max.block.ms", Rule.never("each producer has its maxBlock (contract P5)")),
          Map.entry(
              "buffer.memory", Rule.never("each producer has its maxInFlightBytes (contract P5)")),
          Map.entry(
              "metadata.recovery.strategy",
              Rule.only(Set.of("none"), "a send would block while no broker is there")),
          Map.entry("metadata.max.idle.ms", Rule.never("a send would block after a quiet time")),
          Map.entry(
              "partitioner.class",
              Rule.never("messages of one key go to one partition, the same as of other clients")),
          Map.entry(
              "partitioner.ignore.keys",
              Rule.only(Set.of("false"), "messages of one key go to one partition")));

  private static final Map<String, Rule> CONSUMER_RULES =
      Map.ofEntries(
          Map.entry("key.deserializer", Rule.never("codecs do it")),
          Map.entry("value.deserializer", Rule.never("codecs do it")),
          Map.entry("group.id", Rule.never("it is made of group and topic")),
          Map.entry(
              "enable.auto.commit",
              Rule.only(Set.of("false"), "it would commit what is not settled (contract D1)")),
          Map.entry("auto.commit.interval.ms", Rule.never("nothing is committed by itself")),
          Map.entry(
              "auto.offset.reset",
              Rule.only(Set.of("none"), "it would skip or repeat in silence (contract G9, R5)")),
          Map.entry(
              "isolation.level",
              Rule.only(
                  Set.of("read_committed"), "it would hand out what was aborted (contract R2)")),
          Map.entry(
              "allow.auto.create.topics",
              Rule.only(Set.of("false"), "an absent topic is an error (contract E3)")),
          Map.entry("max.poll.records", Rule.never("the in-flight bounds say it (contract F1)")));

  private KafkaProperties() {}

  /** See {@link dev.isostream.spi.DriverProvider#check}. */
  static PropertyVerdict check(String name, String value) {
    if (name.equals(REPLICATION_FACTOR)) {
      return number(value, -1, Short.MAX_VALUE, "-1 for the broker's default, or 1 and more");
    }
    if (name.equals(CURSOR_METADATA_MAX_BYTES)) {
      return number(
          value,
          LEAST_CURSOR_METADATA_BYTES,
          MOST_CURSOR_METADATA_BYTES,
          "the brokers' offset.metadata.max.bytes, at least " + LEAST_CURSOR_METADATA_BYTES);
    }
    if (name.startsWith(TOPIC_CONFIG_PREFIX) && name.length() > TOPIC_CONFIG_PREFIX.length()) {
      return new Accepted(false); // only the broker knows them all
    }
    for (KafkaClient client : KafkaClient.values()) {
      if (name.startsWith(client.prefix())) {
        return check(client, name.substring(client.prefix().length()), value);
      }
    }
    return checkForAll(name, value);
  }

  private static PropertyVerdict checkForAll(String name, String value) {
    List<String> others = new ArrayList<>();
    PropertyVerdict verdict = new Unknown();
    for (KafkaClient client : KafkaClient.values()) {
      PropertyVerdict one = check(client, name, value);
      if (one instanceof Accepted) {
        others.add("kafka." + client.prefix() + name);
      }
      if (!(one instanceof Unknown) && !(verdict instanceof Refused)) {
        verdict = one;
      }
    }
    if (verdict instanceof Refused refused && !others.isEmpty()) {
      return new Refused(refused.reason() + " (allowed: " + String.join(", ", others) + ")");
    }
    return verdict;
  }

  private static PropertyVerdict check(KafkaClient client, String name, String value) {
    ConfigKey key = client.keys().get(name);
    if (key == null) {
      return new Unknown();
    }
    if (key.internalConfig || name.startsWith("internal.")) {
      return new Refused("it is internal to the client");
    }
    Rule rule = rule(client, name);
    if (rule != null && !rule.permits(value)) {
      return new Refused(
          rule.allowed() == null
              ? "it can't be set: " + rule.reason()
              : "allowed is "
                  + String.join(", ", new TreeSet<>(rule.allowed()))
                  + ": "
                  + rule.reason());
    }
    boolean secret = key.type == ConfigDef.Type.PASSWORD;
    try {
      Object parsed = ConfigDef.parseType(name, value, key.type);
      if (key.validator != null) {
        key.validator.ensureValid(name, parsed);
      }
      return new Accepted(secret);
    } catch (ConfigException e) {
      return new Refused(secret ? "the client does not take it" : String.valueOf(e.getMessage()));
    }
  }

  private static @Nullable Rule rule(KafkaClient client, String name) {
    Rule common = COMMON_RULES.get(name);
    if (common != null) {
      return common;
    }
    return switch (client) {
      case PRODUCER -> PRODUCER_RULES.get(name);
      case CONSUMER -> CONSUMER_RULES.get(name);
      case ADMIN -> null;
    };
  }

  private static PropertyVerdict number(String value, int least, int most, String allowed) {
    try {
      int number = Integer.parseInt(value);
      return number >= least && number <= most && number != 0
          ? new Accepted(false)
          : new Refused("allowed is " + allowed);
    } catch (NumberFormatException e) {
      return new Refused("it is not a number; allowed is " + allowed);
    }
  }

  /** See {@link dev.isostream.spi.DriverProvider#propertyNames}. */
  static Set<String> names() {
    Set<String> names = new TreeSet<>(Set.of(REPLICATION_FACTOR, CURSOR_METADATA_MAX_BYTES));
    for (KafkaClient client : KafkaClient.values()) {
      for (String name : client.keys().keySet()) {
        names.add(name);
        names.add(client.prefix() + name);
      }
    }
    return names;
  }
}
