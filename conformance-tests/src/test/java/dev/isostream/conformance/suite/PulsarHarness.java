package dev.isostream.conformance.suite;

import dev.isostream.Messaging;
import dev.isostream.Position;
import dev.isostream.conformance.Foreign;
import dev.isostream.conformance.brokers.Brokers;
import java.util.Map;
import java.util.Objects;
import org.apache.pulsar.client.admin.PulsarAdmin;
import org.apache.pulsar.client.admin.PulsarAdminException;
import org.apache.pulsar.client.api.MessageId;
import org.apache.pulsar.client.api.PulsarClientException;
import org.apache.pulsar.client.impl.MessageIdImpl;
import org.apache.pulsar.client.impl.auth.AuthenticationToken;
import org.apache.pulsar.common.policies.data.RetentionPolicies;
import org.apache.pulsar.common.policies.data.SubscriptionStats;

/** A real Pulsar. */
final class PulsarHarness extends ServerHarness {

  /** Dead members are missed soon. */
  private static final Map<String, String> SETTINGS =
      Map.of("pulsar.failover.time", "3s", "request-timeout", "10s");

  private static final String NAMESPACE = "persistent://public/default/";

  /** What is to be left is not acked on it. */
  private static final String KEEPER = "kept-by-the-suite";

  PulsarHarness(Brokers brokers) {
    super(brokers, "pulsar", SETTINGS);
  }

  @Override
  Map<String, String> login(String user, String password) {
    return Map.of(
        "pulsar.authPluginClassName",
        AuthenticationToken.class.getName(),
        "pulsar.authParams",
        "token:" + password);
  }

  @Override
  Map<String, String> overTls() {
    return Map.of("pulsar.tls", "true");
  }

  @Override
  Map<String, String> unreachable() {
    return Map.of("pulsar.admin.url", "http://" + NOWHERE);
  }

  @Override
  void prepareRefusal(Messaging admin, String topic) {
    if (admin.topics().describe(topic).isEmpty()) {
      admin.topics().create(topic, 1);
    }
  }

  @Override
  public Foreign foreign() {
    return new PulsarForeign(broker().address());
  }

  private String adminUrl() {
    return Objects.requireNonNull(broker().properties().get("pulsar.admin.url"));
  }

  /**
   * Pulsar removes whole ledgers. From here on, topics that are loaded begin another one with each
   * entry.
   */
  @Override
  public Map<String, String> trimmable() {
    requireControl("told to make small ledgers");
    broker()
        .control(
            "managedLedgerMinLedgerRolloverTimeMinutes=0", "managedLedgerMaxEntriesPerLedger=1");
    return Map.of();
  }

  /**
   * Has the topic keep nothing but what a subscription has not acked: one of the suite's own, and
   * the groups', which are moved to where what is left begins. Readers' are left alone.
   */
  @Override
  public void trim(Position earliest) {
    requireControl("trimmed");
    broker()
        .control(
            "managedLedgerMinLedgerRolloverTimeMinutes=10",
            "managedLedgerMaxEntriesPerLedger=50000");
    String topic = NAMESPACE + earliest.topic();
    String partition = topic + "-partition-" + earliest.partition();
    MessageId first = new MessageIdImpl(earliest.word(0), earliest.word(1), -1);
    try (PulsarAdmin admin = PulsarAdmin.builder().serviceHttpUrl(adminUrl()).build()) {
      admin.topics().createSubscription(partition, KEEPER, MessageId.earliest);
      for (Map.Entry<String, ? extends SubscriptionStats> each :
          admin.topics().getStats(partition).getSubscriptions().entrySet()) {
        if (each.getValue().isDurable()) {
          admin.topics().resetCursor(partition, each.getKey(), first);
        }
      }
      admin.topicPolicies().setRetention(topic, new RetentionPolicies(0, 0));
      long deadline = System.nanoTime() + timing().patience().toNanos();
      while (admin.topics().getInternalStats(partition).ledgers.get(0).ledgerId
          < earliest.word(0)) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException(partition + " is not trimmed");
        }
        admin.topics().trimTopic(partition);
      }
    } catch (PulsarAdminException | PulsarClientException e) {
      throw new IllegalStateException(e);
    }
  }
}
