package dev.isostream.conformance.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Codecs;
import dev.isostream.Delivery;
import dev.isostream.Exhausted;
import dev.isostream.Header;
import dev.isostream.Headers;
import dev.isostream.InvalidPositionException;
import dev.isostream.MessagingException;
import dev.isostream.Position;
import dev.isostream.StartAt;
import dev.isostream.Topic;
import dev.isostream.UnsupportedCursorException;
import dev.isostream.conformance.Foreign;
import dev.isostream.conformance.Rule;
import dev.isostream.conformance.scene.Content;
import dev.isostream.conformance.scene.Cursors;
import dev.isostream.conformance.scene.Probe;
import dev.isostream.conformance.scene.Scene;
import dev.isostream.conformance.scene.Sender;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** W1 to W3 and E5: what others write and read, and what nobody should have written. */
public final class WireRules {

  private final Scene scene;

  /** For one test. */
  public WireRules(Scene scene) {
    this.scene = scene;
  }

  @Rule("W1")
  void otherClientsReadWhatIsostreamWrites() throws Exception {
    Topic<byte @Nullable []> topic = scene.topic(1, Codecs.nullable(Codecs.bytes()));
    List<Content> contents = Content.samples(scene.limits());
    try (var producer = scene.messaging().producer(topic).open()) {
      for (Content content : contents) {
        scene.complete("each content can be sent", producer.send(content.message()));
      }
    }
    scene.evidence().sent(contents.size());
    List<Foreign.Entry> read = scene.harness().foreign().read(topic.name());
    scene.evidence().read(read.size());
    scene.verify(
        "the backend's own client finds one record for each message",
        () -> assertThat(read).hasSameSizeAs(contents));
    for (int i = 0; i < contents.size(); i++) {
      Content content = contents.get(i);
      Foreign.Entry record = read.get(i);
      scene.verify(
          "the backend's own client reads " + content.what() + " as it was sent",
          () -> {
            assertThat(record.payload()).as("payload").isEqualTo(content.payload());
            assertThat(record.key()).as("key").isEqualTo(content.key());
            assertThat(record.headers().stream().filter(h -> !h.name().startsWith("isostream-")))
                .as("headers")
                .containsExactlyElementsOf(content.headers().asList());
          });
    }
  }

  @Rule("W2")
  void isostreamReadsWhatOtherClientsWrite() throws Exception {
    Topic<byte @Nullable []> topic = scene.topic(1, Codecs.nullable(Codecs.bytes()));
    List<Content> contents = Content.samples(scene.limits());
    scene
        .harness()
        .foreign()
        .write(
            topic.name(),
            contents.stream()
                .map(c -> new Foreign.Entry(c.key(), c.payload(), c.headers().asList()))
                .toList());
    scene.evidence().sent(contents.size());
    comeAsTheyAre(topic, contents);
  }

  @Rule("E5")
  void headersThatLookLikeIsostreamsOwnHarmNothing() throws Exception {
    Topic<byte @Nullable []> topic = scene.topic(1, Codecs.nullable(Codecs.bytes()));
    List<Content> contents = new ArrayList<>();
    List<Foreign.Entry> records = new ArrayList<>();
    for (List<Header> evil : evilHeaders()) {
      Content content =
          new Content(
              "a message with malformed headers of Isostream's",
              "k".getBytes(StandardCharsets.UTF_8),
              ("evil-" + contents.size()).getBytes(StandardCharsets.UTF_8),
              Headers.of(List.of(Header.of("own", "kept"))));
      contents.add(content);
      List<Header> headers = new ArrayList<>(evil);
      headers.add(Header.of("own", "kept"));
      records.add(new Foreign.Entry(content.key(), content.payload(), headers));
    }
    scene.harness().foreign().write(topic.name(), records);
    scene.evidence().sent(records.size());
    comeAsTheyAre(topic, contents);
  }

  private static List<List<Header>> evilHeaders() {
    String huge = "9".repeat(2000);
    return List.of(
        List.of(Content.absent("isostream-producer")),
        List.of(Header.of("isostream-producer", ""), Header.of("isostream-seq", "")),
        List.of(Header.of("isostream-producer", "p"), Header.of("isostream-seq", "-1")),
        List.of(Header.of("isostream-producer", "p"), Header.of("isostream-seq", huge)),
        List.of(Header.of("isostream-producer", huge), Header.of("isostream-seq", "0")),
        List.of(
            Header.of("isostream-producer", "p"),
            Header.of("isostream-producer", "q"),
            Header.of("isostream-seq", "x")),
        List.of(new Header("isostream-seq", new byte[] {(byte) 0xff, 0})),
        List.of(Header.of("isostream-no-such", "1")));
  }

  private void comeAsTheyAre(Topic<byte[]> topic, List<Content> contents) throws Exception {
    try (var reader = scene.messaging().reader(topic).untilEnd().open();
        var consumer =
            scene
                .messaging()
                .consumer(topic)
                .group("wire")
                .startAt(StartAt.earliest())
                .whenExhausted(Exhausted.STOP)
                .open()) {
      for (Content content : contents) {
        var read = reader.read(scene.timing().patience());
        scene.verify(
            "a reader gets a foreign record as it is: " + content.what(),
            () -> content.assertSameAs(read.orElseThrow(), UnaryOperator.identity()));
        Optional<Delivery<byte[]>> got = consumer.receive(scene.timing().patience());
        scene.verify(
            "a group gets a foreign record as it is: " + content.what(),
            () -> content.assertSameAs(got.orElseThrow(), UnaryOperator.identity()));
        scene.evidence().read(2);
        scene.complete("an ack completes", got.orElseThrow().ack());
      }
    }
  }

  @Rule("E5")
  void positionsFromAnywhereAreTypedErrors() throws Exception {
    for (String text :
        List.of(
            "",
            "nonsense",
            "x:y/z@",
            "kafka:t/0@1.2.3.4.5.6.7.8.9",
            "kafka:t/0@99999999999999999999",
            "a".repeat(100_000),
            "kafka:t/0@1~",
            "\u0000",
            "kafka://t/0@1")) {
      scene.refused(
          "text that is no position is refused",
          InvalidPositionException.class,
          () -> Position.parse(text));
    }
    Topic<String> topic = scene.topic(1);
    scene.sender(topic).sendAndConfirm("m", 3, 1);
    Position good = scene.readAll(topic).get(1).position();
    for (Position bad :
        List.of(
            Position.of("no-such-backend", topic.name(), good.partition(), null, 1),
            Position.of(good.backend(), "another-topic", good.partition(), null, words(good)),
            Position.of(good.backend(), topic.name(), "no-such-partition", null, words(good)),
            good.withWords(1, 2, 3, 4, 5, 6, 7, 8),
            good.withWords(minimum(good)),
            good.withWords(maximum(good)))) {
      scene.refused(
          "a position that can't be one of this topic is refused with a typed error: "
              + bad.toString().replace(topic.name(), "<topic>"),
          MessagingException.class,
          () -> scene.readAll(scene.messaging(), topic, r -> r.from(bad)));
    }
  }

  private static long[] words(Position position) {
    long[] words = new long[position.wordCount()];
    for (int i = 0; i < words.length; i++) {
      words[i] = position.word(i);
    }
    return words;
  }

  private static long[] minimum(Position like) {
    long[] words = new long[like.wordCount()];
    java.util.Arrays.fill(words, Long.MIN_VALUE);
    return words;
  }

  private static long[] maximum(Position like) {
    long[] words = new long[like.wordCount()];
    java.util.Arrays.fill(words, Long.MAX_VALUE);
    return words;
  }

  @Rule("E5")
  void aMalformedCursorIsATypedError() throws Exception {
    for (byte[] garbage :
        List.of(
            new byte[] {1},
            new byte[] {1, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0x7f},
            evil(300))) {
      Topic<String> topic = settledHalf("malformed");
      Cursors cursors = new Cursors(scene, topic.name(), "malformed");
      cursors.overwriteStates(old -> garbage);
      refusesTheShare(topic, "malformed", "a malformed cursor", MessagingException.class);
      scene.verify(
          "a malformed cursor is not overwritten",
          () -> assertThat(cursors.states()).allMatch(s -> java.util.Arrays.equals(s, garbage)));
    }
  }

  private static byte[] evil(int length) {
    byte[] bytes = new byte[length];
    java.util.Arrays.fill(bytes, (byte) 0xff);
    bytes[0] = 1;
    return bytes;
  }

  @Rule("W3")
  void aCursorOfANewerVersionRefusesTheShare() throws Exception {
    Topic<String> topic = settledHalf("newer");
    Cursors cursors = new Cursors(scene, topic.name(), "newer");
    List<byte[]> before = cursors.states();
    cursors.overwriteStates(
        old -> {
          byte[] newer = old.clone();
          newer[0] = 0x7e;
          return newer;
        });
    refusesTheShare(
        topic, "newer", "a cursor of a newer version", UnsupportedCursorException.class);
    scene.verify(
        "a cursor of a newer version is not overwritten",
        () -> assertThat(cursors.states()).allMatch(state -> state[0] == 0x7e));
    cursors.restoreStates(before);
    Probe group = scene.probe(topic, "newer");
    List<String> rest = group.drain(5);
    scene.verify(
        "with the known version back, the group goes on where it was",
        () -> assertThat(rest).containsExactly("m-5", "m-6", "m-7", "m-8", "m-9"));
  }

  /** A topic of 10 messages, of which the group has settled 5, with no member. */
  private Topic<String> settledHalf(String group) throws Exception {
    Topic<String> topic = scene.topic(1);
    Sender sender = scene.sender(topic);
    sender.sendAndConfirm("m", 10, 1);
    try (Probe probe = scene.probe(topic, group)) {
      probe.drain(5);
    }
    return topic;
  }

  /** When it opens or soon after; and it hands out nothing. */
  private void refusesTheShare(
      Topic<String> topic, String group, String what, Class<? extends MessagingException> with) {
    Probe probe;
    try {
      probe = scene.probe(scene.connect(Map.of()), topic, group, c -> c);
    } catch (MessagingException e) {
      scene.refused(
          what + " refuses the share",
          with,
          () -> {
            throw e;
          });
      return;
    }
    scene.await(
        what + " stops the member with an error", () -> probe.consumer().failure().isPresent());
    scene.refused(
        what + " refuses the share",
        with,
        () -> {
          throw probe.consumer().failure().orElseThrow();
        });
    probe.close();
  }
}
