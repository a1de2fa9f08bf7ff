package dev.isostream.conformance.scenario;

import dev.isostream.Header;
import dev.isostream.Headers;
import dev.isostream.conformance.scene.Content;
import dev.isostream.conformance.scene.Label;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Thinks messages up. Confined to one thread. */
final class Messages {

  private static final int LARGE = 20_000;
  private static final int SMALL = 40;

  private final Random random;

  Messages(Random random) {
    this.random = random;
  }

  /** So many messages for each phase, named after their topic, with so many keys. */
  List<Planned> of(String topic, int inEachPhase, int keys) {
    List<Planned> messages = new ArrayList<>();
    for (int phase = 0; phase < Scenario.PHASES; phase++) {
      for (int i = 0; i < inEachPhase; i++) {
        boolean keyless = random.nextInt(8) == 0;
        int key = random.nextInt(keys);
        int producer = key % Scenario.PRODUCERS;
        String name = topic + '-' + messages.size();
        byte @Nullable [] bytes = keyless ? null : key(key);
        messages.add(new Planned(name, phase, producer, bytes, payload(), headers(name)));
      }
    }
    return List.copyOf(messages);
  }

  /** One is empty, one is not ASCII, one is not even text. */
  private static byte[] key(int number) {
    return switch (number) {
      case 0 -> new byte[0];
      case 1 -> "ключ".getBytes(StandardCharsets.UTF_8);
      case 2 -> new byte[] {(byte) 0xff, 0, 7};
      default -> ("k" + number).getBytes(StandardCharsets.UTF_8);
    };
  }

  private byte @Nullable [] payload() {
    int kind = random.nextInt(20);
    if (kind < 2) {
      return null;
    }
    byte[] payload = new byte[kind < 4 ? 0 : kind == 4 ? LARGE : 1 + random.nextInt(SMALL)];
    random.nextBytes(payload);
    return payload;
  }

  private Headers headers(String name) {
    List<Header> headers = new ArrayList<>();
    headers.add(Header.of(Label.NAME, name));
    for (int more = random.nextInt(4); more > 0; more--) {
      headers.add(header());
    }
    return Headers.of(headers);
  }

  private Header header() {
    return switch (random.nextInt(6)) {
      case 0 -> Header.of("kind", "");
      case 1 -> Content.absent("kind");
      case 2 -> Header.of("Kind", "upper");
      case 3 -> Header.of("имя", "значение");
      case 4 -> new Header("bytes", new byte[] {(byte) random.nextInt(256), 0, (byte) 0x80});
      default -> Header.of("kind", "n" + random.nextInt(100));
    };
  }
}
