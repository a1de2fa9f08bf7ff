package dev.isostream.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.isostream.AuthenticationException;
import dev.isostream.ClosedException;
import dev.isostream.Codecs;
import dev.isostream.ConfigurationException;
import dev.isostream.Delivery;
import dev.isostream.GroupMember;
import dev.isostream.MemberMetrics;
import dev.isostream.MessageHandler;
import dev.isostream.Messaging;
import dev.isostream.MessagingException;
import dev.isostream.MessagingProvider;
import dev.isostream.Producer;
import dev.isostream.Reader;
import dev.isostream.Topic;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MessagingTest {

  private static final Topic<String> TOPIC = Topic.of("orders", Codecs.utf8());
  private static final long LIMIT = 20;

  private final FakeBackend backend = new FakeBackend();
  private final List<String> events = new CopyOnWriteArrayList<>();

  @Test
  void isFoundByTheApi() {
    assertThat(MessagingProvider.find()).isInstanceOf(DefaultMessagingProvider.class);
    assertThatThrownBy(() -> Messaging.open("nowhere://x"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("no adapter for nowhere");
  }

  @Test
  void everythingFailsTheSameWayAfterClose() {
    DefaultMessaging messaging = backend.open();
    var topics = messaging.topics();
    messaging.close();
    messaging.close();
    assertThat(backend.driver.timesClosed()).isEqualTo(1);
    List<ThrowingCallable> uses =
        List.of(
            () -> messaging.producer(TOPIC),
            () -> messaging.subscribe(TOPIC),
            () -> messaging.consumer(TOPIC),
            () -> messaging.reader(TOPIC),
            messaging::topics,
            messaging::groups,
            messaging::limits,
            () -> messaging.unwrap(String.class),
            topics::list);
    for (var use : uses) {
      assertThatThrownBy(use).isInstanceOf(ClosedException.class);
    }
  }

  @Test
  void closesMembersThenReadersThenProducersThenTheConnection() {
    DefaultMessaging messaging = backend.open();
    messaging.openProducer(this::producer);
    messaging.openReader(this::reader);
    messaging.openMember(() -> new FakeMember("member", null));
    messaging.close();
    assertThat(events).containsExactly("member", "reader", "producer");
    assertThat(backend.driver.timesClosed()).isEqualTo(1);
  }

  @Test
  void whatWasClosedByItselfIsForgotten() {
    DefaultMessaging messaging = backend.open();
    messaging.openProducer(this::producer).close();
    messaging.openReader(this::reader).close();
    FakeMember member = messaging.openMember(() -> new FakeMember("member", null));
    member.stopped.complete(null);
    events.clear();
    messaging.close();
    assertThat(events).isEmpty();
  }

  @Test
  void whatFailsToCloseHoldsUpNothing() {
    DefaultMessaging messaging = backend.open();
    messaging.openMember(
        () ->
            new FakeMember("broken", null) {
              @Override
              public void close() {
                throw new IllegalStateException("meant to fail");
              }
            });
    messaging.openReader(this::reader);
    messaging.close();
    assertThat(events).containsExactly("reader");
    assertThat(backend.driver.timesClosed()).isEqualTo(1);
  }

  @Test
  void aHandlerMayCloseTheMessagingItRunsIn() throws Exception {
    DefaultMessaging messaging = backend.open();
    CountDownLatch handled = new CountDownLatch(1);
    FakeMember member = messaging.openMember(() -> new FakeMember("member", handled));
    MessageHandler<String> handler =
        messaging
            .inside()
            .mark(
                (Delivery<String> delivery) -> {
                  messaging.close();
                  events.add("handler returned");
                });
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      thread
          .submit(
              () -> {
                handler.handle(delivery());
                handled.countDown();
                return null;
              })
          .get(LIMIT, TimeUnit.SECONDS);
    } finally {
      thread.shutdown();
    }
    messaging.close();
    assertThat(events).containsExactly("handler returned", "member");
    assertThat(member.stopped).isDone();
    assertThat(backend.driver.timesClosed()).isEqualTo(1);
  }

  @Test
  void aTimerOrLoopOfTheRuntimeMayCloseIt() throws Exception {
    DefaultMessaging messaging = backend.open();
    CompletableFuture<Void> returned = new CompletableFuture<>();
    messaging
        .context()
        .runtime()
        .schedule(
            Duration.ZERO,
            () -> {
              messaging.close();
              returned.complete(null);
            });
    returned.get(LIMIT, TimeUnit.SECONDS);
    messaging.close();
    assertThat(backend.driver.timesClosed()).isEqualTo(1);
  }

  @Test
  void whatIsBeingOpenedDuringCloseIsClosedAgain() {
    DefaultMessaging messaging = backend.open();
    Thread closer = new Thread(messaging::close);
    Throwable failure =
        catchThrowable(
            () ->
                messaging.openMember(
                    () -> {
                      closer.start();
                      awaitClosed(messaging);
                      return new FakeMember("late", null);
                    }));
    assertThat(failure).isInstanceOf(ClosedException.class);
    messaging.close();
    assertThat(events).containsExactly("late");
    assertThat(backend.driver.timesClosed()).isEqualTo(1);
  }

  @Test
  void anInterruptedCloserLeavesTheClosingToItself() throws Exception {
    DefaultMessaging messaging = backend.open();
    CountDownLatch go = new CountDownLatch(1);
    messaging.openMember(() -> new FakeMember("member", go));
    Thread.currentThread().interrupt();
    messaging.close();
    assertThat(Thread.interrupted()).isTrue();
    go.countDown();
    messaging.close();
    assertThat(events).containsExactly("member");
  }

  @Test
  void aBackendThatRefusesSaysWhyWithoutTheSecret() {
    backend.with("fake.token", "hunter2-marked");
    Throwable failure = catchThrowable(backend::open);
    assertThat(failure)
        .isInstanceOf(AuthenticationException.class)
        .hasMessageContaining("opening fake://here");
    for (Throwable at = failure; at != null; at = at.getCause()) {
      assertThat(at.toString()).doesNotContain("hunter2");
    }
  }

  @Test
  void showsItsAddress() {
    DefaultMessaging messaging = backend.open();
    assertThat(messaging).hasToString("Messaging[fake://here]");
    messaging.close();
  }

  private static void awaitClosed(DefaultMessaging messaging) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT);
    while (System.nanoTime() < deadline) {
      try {
        messaging.limits();
        Thread.onSpinWait();
      } catch (ClosedException e) {
        return;
      }
    }
    throw new AssertionError("not closed in time");
  }

  @SuppressWarnings("unchecked")
  private static Delivery<String> delivery() {
    return (Delivery<String>) stub(Delivery.class, () -> {});
  }

  @SuppressWarnings("unchecked")
  private Producer<String> producer() {
    return (Producer<String>) stub(Producer.class, () -> events.add("producer"));
  }

  @SuppressWarnings("unchecked")
  private Reader<String> reader() {
    return (Reader<String>) stub(Reader.class, () -> events.add("reader"));
  }

  /** Does nothing but to be closed. */
  private static <X> X stub(Class<X> type, Runnable onClose) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              switch (method.getName()) {
                case "close" -> onClose.run();
                case "hashCode" -> {
                  return System.identityHashCode(proxy);
                }
                case "equals" -> {
                  return proxy == arguments[0];
                }
                default -> throw new UnsupportedOperationException(method.getName());
              }
              return null;
            }));
  }

  /** Closes once its gate is open. */
  private class FakeMember implements GroupMember {

    private final String name;
    private final CountDownLatch gate;
    final CompletableFuture<Void> stopped = new CompletableFuture<>();

    FakeMember(String name, @Nullable CountDownLatch gate) {
      this.name = name;
      this.gate = gate == null ? new CountDownLatch(0) : gate;
    }

    @Override
    public String topic() {
      return "orders";
    }

    @Override
    public String group() {
      return "g";
    }

    @Override
    public Set<String> assignment() {
      return Set.of();
    }

    @Override
    public MemberMetrics metrics() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void pause() {}

    @Override
    public void resume() {}

    @Override
    public boolean isPaused() {
      return false;
    }

    @Override
    public CompletionStage<Void> drain() {
      return stopped;
    }

    @Override
    public Optional<MessagingException> failure() {
      return Optional.empty();
    }

    @Override
    public CompletionStage<Void> stopped() {
      return stopped;
    }

    @Override
    public void close() {
      try {
        if (!gate.await(LIMIT, TimeUnit.SECONDS)) {
          throw new AssertionError("a close that waits for its own handler");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      events.add(name);
      stopped.complete(null);
    }

    @Override
    public void close(Duration timeout) {
      close();
    }
  }
}
