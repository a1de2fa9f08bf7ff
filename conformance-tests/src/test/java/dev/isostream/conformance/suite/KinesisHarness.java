package dev.isostream.conformance.suite;

import dev.isostream.Messaging;
import dev.isostream.Position;
import dev.isostream.conformance.Foreign;
import dev.isostream.conformance.Timing;
import dev.isostream.conformance.brokers.Brokers;
import dev.isostream.conformance.kinesis.KinesisInjection;
import java.time.Duration;
import java.util.Map;

/** Emulators of Kinesis and DynamoDB; what they don't do is injected into the native client. */
final class KinesisHarness extends ServerHarness {

  /** {@code -Dkinesis.fan.out=true}: groups read by enhanced fan-out. */
  private static final String FAN_OUT = "kinesis.fan.out";

  /** Dead members are missed soon, and shards are read often: emulators grant more. */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "kinesis.failover.time",
          "4s",
          "kinesis.read.interval",
          "100ms",
          "request-timeout",
          "10s",
          FAN_OUT,
          System.getProperty(FAN_OUT, "false"));

  private static final Duration PATIENCE = Duration.ofSeconds(40);

  KinesisHarness(Brokers brokers) {
    super(brokers, "kinesis", SETTINGS);
  }

  /** A record of 1 MB keeps the emulator busy for seconds. */
  @Override
  public Timing timing() {
    return new Timing(PATIENCE, TIMING.silence(), TIMING.limit());
  }

  @Override
  Map<String, String> login(String user, String password) {
    return Map.of("kinesis.access.key.id", user, "kinesis.secret.access.key", password);
  }

  @Override
  Map<String, String> overTls() {
    return Map.of("kinesis.tls", "true");
  }

  @Override
  void prepareRefusal(Messaging admin, String topic) {
    if (admin.topics().describe(topic).isEmpty()) {
      admin.topics().create(topic, 1);
    }
  }

  @Override
  public Foreign foreign() {
    return new KinesisForeign(broker().address());
  }

  /** The emulator has no retention. */
  @Override
  public void trim(Position earliest) {
    KinesisInjection.trim(earliest.topic(), earliest.partition(), sequence(earliest));
  }

  /** As the adapter's page says: seven words of 63 bits, the highest first. */
  private static java.math.BigInteger sequence(Position position) {
    java.math.BigInteger sequence = java.math.BigInteger.ZERO;
    for (int i = 0; i < position.wordCount() - 1; i++) {
      sequence = sequence.shiftLeft(63).add(java.math.BigInteger.valueOf(position.word(i)));
    }
    return sequence;
  }
}
