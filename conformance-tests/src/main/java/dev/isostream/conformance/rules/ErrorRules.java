package dev.isostream.conformance.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.AlreadyExistsException;
import dev.isostream.AuthenticationException;
import dev.isostream.AuthorizationException;
import dev.isostream.BrokerUnavailableException;
import dev.isostream.Codecs;
import dev.isostream.ConfigurationException;
import dev.isostream.GroupNotFoundException;
import dev.isostream.Message;
import dev.isostream.Messaging;
import dev.isostream.MessagingException;
import dev.isostream.SecureConnectionException;
import dev.isostream.SendFailedException;
import dev.isostream.StartAt;
import dev.isostream.Topic;
import dev.isostream.TopicNotFoundException;
import dev.isostream.conformance.Mistake;
import dev.isostream.conformance.Rule;
import dev.isostream.conformance.scene.Check;
import dev.isostream.conformance.scene.Probe;
import dev.isostream.conformance.scene.Scene;
import dev.isostream.conformance.scene.Sender;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** E1 to E4: what goes wrong is told well, and nothing that must not be. */
public final class ErrorRules {

  private final Scene scene;

  /** For one test. */
  public ErrorRules(Scene scene) {
    this.scene = scene;
  }

  @Rule("E1")
  void theSameCauseGivesTheSameException() {
    Messaging messaging = scene.messaging();
    Topic<String> absent = Topic.of(scene.unique("absent"), Codecs.utf8());
    Topic<String> topic = scene.topic(1);
    String group = "no-such-group";
    refused(
        TopicNotFoundException.class, "a producer of an absent topic", () -> scene.sender(absent));
    refused(
        TopicNotFoundException.class,
        "a member on an absent topic",
        () -> scene.probe(absent, group));
    refused(
        TopicNotFoundException.class,
        "a reader of an absent topic",
        () -> scene.closing(messaging.reader(absent).open()));
    refused(
        TopicNotFoundException.class,
        "deleting an absent topic",
        () -> messaging.topics().delete(absent.name()));
    refused(
        AlreadyExistsException.class,
        "creating a topic that is there",
        () -> messaging.topics().create(topic.name(), 1));
    refused(
        GroupNotFoundException.class,
        "resetting an absent group",
        () -> messaging.groups().reset(topic.name(), group, StartAt.earliest()));
    refused(
        GroupNotFoundException.class,
        "deleting an absent group",
        () -> messaging.groups().delete(topic.name(), group));
    refused(
        TopicNotFoundException.class,
        "listing the groups of an absent topic",
        () -> messaging.groups().list(absent.name()));
  }

  @Rule("E1")
  void theNativeExceptionIsTheCause() throws Exception {
    Topic<String> topic = scene.topic(1);
    Messaging messaging = scene.connectThroughNetwork(Map.of("request-timeout", "2s"));
    Duration timeout = scene.brief();
    Sender sender = scene.sender(messaging, topic, p -> p.deliveryTimeout(timeout));
    sender.sendAndConfirm("k", "first");
    var network = scene.harness().faults().network();
    scene.fault("the network is cut", network::cut);
    CompletableFuture<?> stage = sender.send("k", "lost");
    SendFailedException failed =
        scene.refused(
            "a send that can't reach the broker fails",
            SendFailedException.class,
            () ->
                stage.get(
                    timeout.plus(scene.timing().patience()).toMillis(),
                    java.util.concurrent.TimeUnit.MILLISECONDS));
    BrokerUnavailableException unavailable =
        scene.refused(
            "a question to a broker that can't be reached fails",
            BrokerUnavailableException.class,
            () -> messaging.topics().list());
    network.restore();
    scene.faultEnded("the network is cut");
    for (MessagingException each : List.of(failed, unavailable)) {
      scene.verify(
          "the native exception is the cause",
          () -> assertThat(each.getCause()).isNotNull().isNotInstanceOf(MessagingException.class));
      scene.verify("what may succeed later says so", () -> assertThat(each.isRetriable()).isTrue());
    }
  }

  /** The engine looks for a topic of which nothing comes three times a minute. */
  @Rule("E3")
  void aTopicDeletedUnderAnIdleMemberFailsIt() throws Exception {
    Topic<String> topic = scene.topic(2);
    scene.sender(topic).sendAndConfirm("m", 4, 4);
    Probe group = scene.probe(scene.connect(), topic, "left-alone", c -> c);
    group.drain(4);
    scene.messaging().topics().delete(topic.name());
    scene.await(
        "a member whose topic is deleted fails, as with one that never was",
        Duration.ofSeconds(60),
        () -> group.consumer().stopped().toCompletableFuture().isDone());
    scene.verify(
        "the error says so",
        () ->
            assertThat(group.consumer().failure())
                .containsInstanceOf(TopicNotFoundException.class));
    scene.verify(
        "the listener is told",
        () ->
            assertThat(group.listener().told("failed").stream().map(told -> told.details()[0]))
                .hasAtLeastOneElementOfType(TopicNotFoundException.class));
    refused(
        TopicNotFoundException.class,
        "receiving from it",
        () -> group.consumer().receive(Duration.ofSeconds(1)));
  }

  @Rule("E2")
  void badConfigurationNamesEveryProblemAtOnce() {
    String backend = scene.harness().backend();
    ConfigurationException refused =
        refused(
            ConfigurationException.class,
            "a configuration with several mistakes",
            () ->
                scene.connect(
                    Map.of(
                        "producer.delivery-timeout",
                        "soon",
                        "consumer.concurency",
                        "3",
                        "consumer.max-in-flight-messages",
                        "-4",
                        backend + ".no-such-property",
                        "1")));
    String text = String.valueOf(refused.getMessage());
    scene.verify(
        "a bad value is named with its property and what is allowed",
        () -> assertThat(text).contains("producer.delivery-timeout").contains("soon"));
    scene.verify(
        "a value out of range is named with what is allowed",
        () -> assertThat(text).contains("consumer.max-in-flight-messages").contains("-4"));
    scene.verify(
        "an unknown property is an error with the nearest known name",
        () -> assertThat(text).contains("consumer.concurency").contains("consumer.concurrency"));
    scene.verify(
        "an unknown property of the backend is an error",
        () -> assertThat(text).contains(backend + ".no-such-property"));
  }

  @Rule("E2")
  void badSettingsInCodeFailWhenOpened() {
    Topic<String> topic = scene.topic(1);
    for (Check call :
        List.<Check>of(
            () -> scene.sender(scene.messaging(), topic, p -> p.maxInFlightMessages(0)),
            () -> scene.sender(scene.messaging(), topic, p -> p.deliveryTimeout(Duration.ZERO)),
            () -> scene.probe(scene.messaging(), topic, "bad", c -> c.maxInFlightMessages(-1)),
            () -> scene.probe(scene.messaging(), topic, "b/d", c -> c),
            () -> scene.closing(Messaging.open("nonsense")),
            () -> scene.closing(Messaging.open("no-such-backend://here")))) {
      refused(MessagingException.class, "a setting that makes no sense", call);
    }
  }

  @Rule("E3")
  void fiveCausesGiveFiveErrorsInBoundedTime() {
    Topic<String> absent = Topic.of(scene.unique("absent"), Codecs.utf8());
    inBoundedTime(TopicNotFoundException.class, "an absent topic", () -> scene.sender(absent));
    fails(Mistake.BAD_CREDENTIALS, AuthenticationException.class);
    fails(Mistake.NO_PERMISSION, AuthorizationException.class);
    fails(Mistake.UNREACHABLE, BrokerUnavailableException.class);
    fails(Mistake.BAD_TLS, SecureConnectionException.class);
  }

  private void fails(Mistake mistake, Class<? extends MessagingException> with) {
    Topic<String> topic = scene.topic(1);
    String what = mistake.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    inBoundedTime(
        with,
        "a producer with " + what,
        () -> scene.closing(wrong(mistake, topic).producer(topic).maxBlock(limit()).open()));
    inBoundedTime(
        with,
        "a member with " + what,
        () -> scene.probe(wrong(mistake, topic), topic, "group", c -> c));
    inBoundedTime(
        with,
        "a reader with " + what,
        () -> scene.closing(wrong(mistake, topic).reader(topic).open()));
  }

  private Messaging wrong(Mistake mistake, Topic<?> topic) {
    return scene.closing(scene.harness().connectWrongly(mistake, topic.name()));
  }

  private Duration limit() {
    return scene.timing().patience();
  }

  private void inBoundedTime(Class<? extends MessagingException> with, String what, Check call) {
    long begin = System.nanoTime();
    refused(with, what, call);
    Duration took = Duration.ofNanos(System.nanoTime() - begin);
    scene.verify(
        "each fails within a bounded time",
        () -> assertThat(took).isLessThan(limit().multipliedBy(3)));
  }

  private <X extends Throwable> X refused(Class<X> with, String what, Check call) {
    return scene.refused(what + " fails with " + with.getSimpleName(), with, call);
  }

  /** Provokes what likes to show settings, then looks at all that the run has shown. */
  @Rule(value = "E4", last = true)
  void secretsShowNowhere() {
    Messaging messaging = scene.connect();
    Topic<String> topic = scene.topic(1);
    Sender sender = scene.sender(messaging, topic, p -> p);
    sender.sendAndConfirm("k", "m");
    Probe probe = scene.probe(messaging, topic, "secrets", c -> c);
    for (Object each :
        List.of(
            messaging,
            messaging.topics(),
            messaging.groups(),
            messaging.limits(),
            sender.producer(),
            probe.consumer(),
            messaging.reader(topic),
            messaging.producer(topic))) {
      scene.transcript().search("toString of " + each.getClass().getSimpleName(), each.toString());
    }
    ConfigurationException refused =
        scene.refused(
            "a configuration with a mistake beside a secret",
            ConfigurationException.class,
            () ->
                scene.connect(
                    Map.of(
                        "consumer.concurency",
                        "3",
                        "redis.pasword",
                        scene.transcript().markedSecret())));
    scene.transcript().search(refused);
    for (Mistake mistake : Mistake.values()) {
      try (Messaging wrong = scene.harness().connectWrongly(mistake, topic.name())) {
        var unused = wrong.producer(topic).maxBlock(limit()).open().send(Message.of("x"));
      } catch (MessagingException e) {
        scene.evidence().refused();
        scene.transcript().search(e);
      }
    }
    scene.verify(
        "what was searched for secrets is not nothing",
        () -> assertThat(scene.transcript().characters()).isPositive());
    scene.verifyNone(
        "no secret shows in any output, exception or toString", scene.transcript().leaks());
  }
}
