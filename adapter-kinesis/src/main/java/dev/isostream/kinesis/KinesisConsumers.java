package dev.isostream.kinesis;

import dev.isostream.spi.ErrorKind;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.model.ConsumerStatus;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;

/**
 * Registered consumers of streams, one for each group that reads by enhanced fan-out. Thread-safe.
 * Blocks: for the service's answers.
 */
final class KinesisConsumers {

  private static final String PREFIX = "isostream-";

  /** Of 128 characters, prefix and a group's name take 110 at most. */
  private static final int DIGEST_LENGTH = 16;

  private final KinesisClients clients;

  KinesisConsumers(KinesisClients clients) {
    this.clients = clients;
  }

  private KinesisAsyncClient kinesis() {
    return clients.kinesis();
  }

  /**
   * A group's: always the same, and no other one's, also where groups of another table read the
   * stream. Names of groups are made of what names of consumers may have.
   */
  static String name(String table, String group) {
    return PREFIX + group + "-" + digest(table).substring(0, DIGEST_LENGTH);
  }

  private static String digest(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Registers a consumer unless that was done, waits until it serves, and says by what ARN. */
  String require(KinesisStream stream, String name) {
    try {
      return serving(stream, name);
    } catch (ResourceNotFoundException absent) {
      register(stream, name);
    }
    try {
      return serving(stream, name);
    } catch (ResourceNotFoundException notYet) {
      throw KinesisErrors.of(
          ErrorKind.UNAVAILABLE, "Registering consumer \"" + name + "\"", notYet);
    }
  }

  private void register(KinesisStream stream, String name) {
    try {
      var unused =
          KinesisClients.await(
              kinesis().registerStreamConsumer(r -> r.streamARN(stream.arn()).consumerName(name)));
    } catch (ResourceInUseException others) {
      // another member was faster, or the stream is being changed
    }
  }

  private String serving(KinesisStream stream, String name) {
    var found =
        KinesisClients.await(
                kinesis().describeStreamConsumer(r -> r.streamARN(stream.arn()).consumerName(name)))
            .consumerDescription();
    if (found.consumerStatus() == ConsumerStatus.DELETING) {
      throw KinesisErrors.of(
          ErrorKind.UNAVAILABLE,
          "Registering consumer \"" + name + "\", which is being deregistered,",
          null);
    }
    if (found.consumerStatus() != ConsumerStatus.ACTIVE) {
      clients.waiting().untilConsumerServes(found.consumerARN());
    }
    return found.consumerARN();
  }

  /** Deregisters a consumer, where there is one. */
  void forget(KinesisStream stream, String name) {
    try {
      var unused =
          KinesisClients.await(
              kinesis()
                  .deregisterStreamConsumer(r -> r.streamARN(stream.arn()).consumerName(name)));
    } catch (ResourceNotFoundException gone) {
      // somebody did it
    }
  }
}
