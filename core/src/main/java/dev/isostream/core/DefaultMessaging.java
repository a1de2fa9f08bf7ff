package dev.isostream.core;

import dev.isostream.ConsumerBuilder;
import dev.isostream.GroupAdmin;
import dev.isostream.GroupMember;
import dev.isostream.Limits;
import dev.isostream.Messaging;
import dev.isostream.Producer;
import dev.isostream.ProducerBuilder;
import dev.isostream.Reader;
import dev.isostream.ReaderBuilder;
import dev.isostream.SubscriptionBuilder;
import dev.isostream.Topic;
import dev.isostream.TopicAdmin;
import dev.isostream.core.admin.Groups;
import dev.isostream.core.admin.Topics;
import dev.isostream.core.config.Configuration;
import dev.isostream.core.config.Secrets;
import dev.isostream.engine.EngineContext;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One connection, what was opened through it, and how all of that ends. Thread-safe. */
final class DefaultMessaging implements Messaging {

  private final Configuration configuration;
  private final EngineContext context;
  private final OpenThings things = new OpenThings();
  private final Inside inside = new Inside();
  private final Closing closing;
  private final TopicAdmin topics;
  private final GroupAdmin groups;

  DefaultMessaging(Configuration configuration, EngineContext context, SystemRuntime runtime) {
    this.configuration = configuration;
    this.context = context;
    this.closing = new Closing(things, context, runtime);
    this.topics = new Topics(context, things::check);
    this.groups = new Groups(context, configuration.provider().scheme(), things::check);
  }

  Configuration configuration() {
    return configuration;
  }

  EngineContext context() {
    return context;
  }

  Inside inside() {
    return inside;
  }

  <M extends GroupMember> M openMember(Supplier<M> opener) {
    M member = things.open(OpenThings.Kind.MEMBER, opener);
    var unused = member.stopped().whenComplete((done, failure) -> things.forget(member));
    return member;
  }

  <T extends @Nullable Object> Producer<T> openProducer(Supplier<Producer<T>> opener) {
    Producer<T> producer = things.open(OpenThings.Kind.PRODUCER, opener);
    return new TrackedProducer<>(producer, () -> things.forget(producer));
  }

  <T extends @Nullable Object> Reader<T> openReader(Supplier<Reader<T>> opener) {
    Reader<T> reader = things.open(OpenThings.Kind.READER, opener);
    return new TrackedReader<>(reader, () -> things.forget(reader));
  }

  @Override
  public <T extends @Nullable Object> ProducerBuilder<T> producer(Topic<T> topic) {
    things.check();
    return new DefaultProducerBuilder<>(this, Objects.requireNonNull(topic, "topic"));
  }

  @Override
  public <T extends @Nullable Object> SubscriptionBuilder<T> subscribe(Topic<T> topic) {
    things.check();
    return new DefaultSubscriptionBuilder<>(this, Objects.requireNonNull(topic, "topic"));
  }

  @Override
  public <T extends @Nullable Object> ConsumerBuilder<T> consumer(Topic<T> topic) {
    things.check();
    return new DefaultConsumerBuilder<>(this, Objects.requireNonNull(topic, "topic"));
  }

  @Override
  public <T extends @Nullable Object> ReaderBuilder<T> reader(Topic<T> topic) {
    things.check();
    return new DefaultReaderBuilder<>(this, Objects.requireNonNull(topic, "topic"));
  }

  @Override
  public TopicAdmin topics() {
    things.check();
    return topics;
  }

  @Override
  public GroupAdmin groups() {
    things.check();
    return groups;
  }

  @Override
  public Limits limits() {
    things.check();
    return context.driver().limits();
  }

  @Override
  public <N> Optional<N> unwrap(Class<N> type) {
    things.check();
    return context.driver().unwrap(Objects.requireNonNull(type, "type"));
  }

  /**
   * {@inheritDoc}
   *
   * <p>Blocks: until all is closed, whoever began it. From within a handler or a listener it only
   * asks for it and returns: waiting there would be waiting for oneself.
   */
  @Override
  public void close() {
    closing.begin();
    if (!inside.isHandler()) {
      closing.await();
    }
  }

  @Override
  public String toString() {
    return "Messaging["
        + configuration.provider().scheme()
        + "://"
        + Secrets.maskAddress(configuration.driver().address())
        + "]";
  }
}
