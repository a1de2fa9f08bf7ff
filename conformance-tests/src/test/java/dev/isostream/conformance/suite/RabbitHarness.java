package dev.isostream.conformance.suite;

import dev.isostream.Messaging;
import dev.isostream.Position;
import dev.isostream.conformance.Foreign;
import dev.isostream.conformance.brokers.Brokers;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** A real RabbitMQ. */
final class RabbitHarness extends ServerHarness {

  /** Dead members are missed soon. */
  private static final Map<String, String> SETTINGS =
      Map.of("rabbitmq.failover.time", "3s", "request-timeout", "10s");

  /**
   * A segment has one chunk of messages, and a chunk that is sent alone has one message.
   *
   * <p>What the broker writes about producers at the beginning of each segment (110 bytes for one
   * of ours) must not fill it: else whatever a full stream is asked for begins another segment.
   */
  private static final Map<String, String> SMALL_SEGMENTS =
      Map.of("rabbitmq.topic.config.stream-max-segment-size-bytes", "150");

  /** Not the address that a node of the cluster tells, which is not the proxy's. */
  private static final Map<String, String> GIVEN = Map.of("rabbitmq.connect", "given");

  RabbitHarness(Brokers brokers) {
    super(brokers, "rabbitmq", SETTINGS);
  }

  @Override
  Map<String, String> login(String user, String password) {
    return Map.of("rabbitmq.username", user, "rabbitmq.password", password);
  }

  @Override
  Map<String, String> overTls() {
    return Map.of("rabbitmq.tls", "true", "rabbitmq.connect", "given");
  }

  @Override
  Map<String, String> throughProxy() {
    return GIVEN;
  }

  @Override
  void prepareRefusal(Messaging admin, String topic) {
    if (admin.topics().describe(topic).isEmpty()) {
      admin.topics().create(topic, 1);
    }
  }

  @Override
  public Foreign foreign() {
    return new RabbitForeign(broker().address());
  }

  @Override
  public Map<String, String> trimmable() {
    return SMALL_SEGMENTS;
  }

  /** By a policy that keeps no more bytes than those of the segments from there on. */
  @Override
  public void trim(Position earliest) {
    requireControl("trimmed");
    String stream = earliest.topic() + "-" + earliest.partition();
    NavigableMap<Long, Long> before = segments(stream);
    long first = before.floorKey(earliest.word(0));
    broker()
        .control(
            "set_policy",
            stream,
            "^" + stream + "$",
            "{\"max-length-bytes\":" + bytes(before.tailMap(first, true)) + "}",
            "--apply-to",
            "queues");
    // each look takes as long as the broker's shell takes to start
    long deadline = System.nanoTime() + timing().patience().toNanos();
    while (segments(stream).firstKey() < first) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(stream + " is not trimmed: " + segments(stream));
      }
    }
  }

  private static long bytes(Map<Long, Long> segments) {
    return segments.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Sizes by first offset. */
  private NavigableMap<Long, Long> segments(String stream) {
    String printed =
        broker()
            .control(
                "eval",
                "lists:foreach(fun(F) -> io:format(\"segment ~s ~p~n\","
                    + " [filename:basename(F, \".segment\"), filelib:file_size(F)]) end,"
                    + " filelib:wildcard(filename:join([rabbit_mnesia:dir(), \"stream\", \"__"
                    + stream
                    + "_*\", \"*.segment\"]))).");
    NavigableMap<Long, Long> sizes = new TreeMap<>();
    var matcher = Pattern.compile("segment (\\d+) (\\d+)").matcher(printed);
    while (matcher.find()) {
      sizes.put(Long.valueOf(matcher.group(1)), Long.valueOf(matcher.group(2)));
    }
    if (sizes.isEmpty()) {
      throw new IllegalStateException("no segments of " + stream + ": " + printed);
    }
    return sizes;
  }
}
