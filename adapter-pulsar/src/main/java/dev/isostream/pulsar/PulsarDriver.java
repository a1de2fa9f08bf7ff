package dev.isostream.pulsar;

import dev.isostream.Limits;
import dev.isostream.spi.Admin;
import dev.isostream.spi.Driver;
import dev.isostream.spi.DriverTraits;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.LeaseStore;
import dev.isostream.spi.Sink;
import dev.isostream.spi.SinkSpec;
import dev.isostream.spi.Source;
import dev.isostream.spi.log.LogGroup;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.apache.pulsar.client.api.MessageId;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.Reader;

/** One cluster, one namespace. */
final class PulsarDriver implements Driver {

  static final int CURSOR_BYTES = 64 << 10;

  private static final int MOST_APPENDED = 1024;
  private static final int APPENDS = 64;
  private static final int READER_RECORDS = 1000;
  private static final long READER_BYTES = 8L << 20;

  private final PulsarConfig config;
  private final PulsarClients clients;
  private final PulsarAdmin admin;
  private final Map<String, LogGroup> groups = new ConcurrentHashMap<>();

  PulsarDriver(PulsarConfig config, Executor blocking) {
    this.config = config;
    this.clients = new PulsarClients(config, blocking);
    this.admin = new PulsarAdmin(clients);
  }

  @Override
  public DriverTraits traits() {
    return new DriverTraits(false, true, true, false, false, CURSOR_BYTES, MOST_APPENDED, APPENDS);
  }

  @Override
  public Limits limits() {
    return PulsarLimits.of(config);
  }

  @Override
  public Sink openSink(SinkSpec spec) {
    PulsarTopic topic = find(spec.topic());
    if (config.ensuresDeduplication()) {
      String doing = "Making topic \"" + spec.topic() + "\" refuse copies";
      clients.await(doing, admin.refuseCopies(doing, topic));
    }
    return PulsarSink.open(clients, topic, spec);
  }

  private PulsarTopic find(String topic) {
    return clients.await("Looking for topic \"" + topic + "\"", clients.find(topic));
  }

  @Override
  public GroupSource openGroup(GroupSpec spec) {
    PulsarTopic topic = find(spec.topic());
    requireReadable(topic);
    clients.await(
        "Joining group \"" + spec.group() + "\" of topic \"" + spec.topic() + "\"",
        PulsarGroup.create(clients, spec.topic(), spec.group()));
    LogGroup group = PulsarGroup.open(clients, spec.topic(), spec.group());
    groups.put(spec.memberId(), group);
    return new PulsarMember(clients, topic, spec, group, () -> groups.remove(spec.memberId()));
  }

  /** So that a permission that is missing shows at once. */
  private void requireReadable(PulsarTopic topic) {
    String doing = "Reading topic \"" + topic.name() + "\"";
    CompletableFuture<Reader<byte[]>> opened =
        clients
            .client()
            .newReader()
            .topic(topic.nativeNames().get(0))
            .startMessageId(MessageId.latest)
            .receiverQueueSize(1)
            .createAsync();
    var unused = clients.await(doing, opened).closeAsync();
  }

  @Override
  public Source openReader(String topic) {
    PulsarTopic found = find(topic);
    requireReadable(found);
    return new PulsarSource(clients, found, READER_RECORDS, READER_BYTES);
  }

  @Override
  public Admin admin() {
    return admin;
  }

  @Override
  public LeaseStore leases(GroupSpec spec) {
    LogGroup group = groups.get(spec.memberId());
    if (group == null) {
      throw PulsarErrors.of(
          ErrorKind.CLOSED, "Keeping leases of group \"" + spec.group() + "\"", null);
    }
    return group.leases(spec.memberId());
  }

  @Override
  public <T> Optional<T> unwrap(Class<T> type) {
    if (type == PulsarClient.class) {
      return Optional.of(type.cast(clients.client()));
    }
    return type == org.apache.pulsar.client.admin.PulsarAdmin.class
        ? Optional.of(type.cast(clients.admin()))
        : Optional.empty();
  }

  @Override
  public void close() {
    groups.values().forEach(LogGroup::close);
    clients.close();
  }
}
