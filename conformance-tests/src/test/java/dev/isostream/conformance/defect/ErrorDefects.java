package dev.isostream.conformance.defect;

import dev.isostream.BackendException;
import dev.isostream.ConfigurationException;
import dev.isostream.Headers;
import dev.isostream.Messaging;
import dev.isostream.MessagingBuilder;
import dev.isostream.TopicNotFoundException;
import dev.isostream.conformance.scene.Scene;
import dev.isostream.spi.Admin;
import dev.isostream.spi.Driver;
import dev.isostream.spi.DriverConfig;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.Sink;
import dev.isostream.spi.SinkRecord;
import dev.isostream.spi.SourceRecord;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Broken errors, leaks, and broken ways to write and read what is on the wire. */
final class ErrorDefects {

  private static final byte[] ENVELOPE = "envelope:".getBytes(StandardCharsets.UTF_8);

  private ErrorDefects() {}

  static List<Defect> all() {
    return List.of(
        wrongClass(),
        namesOneProblem(),
        mixesCausesUp(),
        printsSettings(),
        trustsHeaders(),
        wrapsPayloads(),
        takesKeysForText());
  }

  private static Defect wrongClass() {
    return Defect.of("wrong-class", "E1", "deleting an absent topic fails")
        .byEngine(
            real ->
                Api.of(real)
                    .topics(
                        Map.of(
                            "delete",
                            call -> {
                              try {
                                return call.proceed();
                              } catch (TopicNotFoundException e) {
                                throw new BackendException(String.valueOf(e.getMessage()), e);
                              }
                            }))
                    .messaging());
  }

  private static Defect namesOneProblem() {
    return Defect.of(
            "names-one-problem", "E2", "an unknown property | a value out of range | a bad value")
        .by(
            () ->
                new Variant() {
                  @Override
                  public Messaging open(MessagingBuilder builder) {
                    try {
                      return builder.open();
                    } catch (ConfigurationException e) {
                      String all = String.valueOf(e.getMessage());
                      throw new ConfigurationException(
                          all.lines().limit(2).reduce("", (a, b) -> a + b));
                    }
                  }
                });
  }

  private static Defect mixesCausesUp() {
    Advice mixed =
        call -> {
          try {
            return call.proceed();
          } catch (DriverException e) {
            throw mixedUp(e);
          }
        };
    return Defect.of("mixes-causes-up", "E3", "fails with AuthorizationException")
        .byDriver(
            real ->
                Parts.of(
                        Advice.instead(
                            Driver.class,
                            real,
                            Map.of("openSink", mixed, "openGroup", mixed, "openReader", mixed)))
                    .admin(ErrorDefects::mixedUp)
                    .driver());
  }

  private static Admin mixedUp(Admin real) {
    return Advice.instead(
        Admin.class,
        real,
        Map.of(
            "describeTopic",
            call ->
                ((CompletionStage<?>) Objects.requireNonNull(call.proceed()))
                    .exceptionally(
                        failure -> {
                          throw mixedUp(failure);
                        })));
  }

  private static RuntimeException mixedUp(Throwable failure) {
    return Scene.unwrapped(failure) instanceof DriverException e
        ? new DriverException(
            e.kind() == ErrorKind.AUTHORIZATION ? ErrorKind.AUTHENTICATION : e.kind(),
            String.valueOf(e.getMessage()),
            e)
        : new CompletionException(failure);
  }

  private static Defect printsSettings() {
    return Defect.of("prints-settings", "E4", "no secret shows in any output")
        .by(
            () ->
                new Variant() {
                  @Override
                  public DriverConfig config(DriverConfig given) {
                    System.out.println("opening a driver with " + given.properties());
                    return given;
                  }
                });
  }

  /** Takes a number in a header for a number. */
  private static Defect trustsHeaders() {
    return Defect.of("trusts-headers", "E5", "a message with malformed headers of Isostream's")
        .byDriver(
            real ->
                Parts.of(real)
                    .records(
                        record ->
                            new AlteredRecord(record) {
                              @Override
                              public Headers headers() {
                                Headers headers = super.headers();
                                headers.asList().stream()
                                    .filter(h -> h.name().equals("isostream-seq"))
                                    .forEach(h -> parse(h.value()));
                                return headers;
                              }
                            })
                    .driver());
  }

  private static void parse(byte @Nullable [] value) {
    String text = value == null ? "" : new String(value, StandardCharsets.UTF_8);
    if (Long.parseLong(text) < 0) {
      throw new IllegalStateException("a sequence below 0");
    }
  }

  private static Defect wrapsPayloads() {
    return Defect.of("wraps-payloads", "W1", "the backend's own client reads a plain message")
        .byDriver(
            real ->
                Parts.of(real)
                    .records(ErrorDefects::unwrapped)
                    .sink(
                        sink ->
                            Advice.instead(
                                Sink.class,
                                sink,
                                Map.of(
                                    "append", call -> call.with(wrapped(call.arg(0, List.class))))))
                    .driver());
  }

  private static List<SinkRecord> wrapped(List<?> records) {
    return records.stream()
        .map(
            each ->
                Advice.instead(
                    SinkRecord.class,
                    (SinkRecord) each,
                    Map.of(
                        "payload",
                        call -> {
                          byte[] payload = ((SinkRecord) each).payload();
                          return payload == null ? null : wrapped(payload);
                        })))
        .toList();
  }

  private static byte[] wrapped(byte[] payload) {
    byte[] both = Arrays.copyOf(ENVELOPE, ENVELOPE.length + payload.length);
    System.arraycopy(payload, 0, both, ENVELOPE.length, payload.length);
    return both;
  }

  private static SourceRecord unwrapped(SourceRecord record) {
    return new AlteredRecord(record) {
      @Override
      public byte @Nullable [] payload() {
        byte[] stored = super.payload();
        boolean ours =
            stored != null
                && stored.length >= ENVELOPE.length
                && Arrays.equals(stored, 0, ENVELOPE.length, ENVELOPE, 0, ENVELOPE.length);
        return stored != null && ours
            ? Arrays.copyOfRange(stored, ENVELOPE.length, stored.length)
            : stored;
      }
    };
  }

  /** Loses what is no text, in keys. */
  private static Defect takesKeysForText() {
    return Defect.of("takes-keys-for-text", "W2", "a key that is not UTF-8 | a long key")
        .and("P6", "a key that is not UTF-8 | a long key")
        .byDriver(
            real ->
                Parts.of(real)
                    .records(
                        record ->
                            new AlteredRecord(record) {
                              @Override
                              public byte @Nullable [] key() {
                                byte[] key = super.key();
                                return key == null
                                    ? null
                                    : new String(key, StandardCharsets.UTF_8)
                                        .getBytes(StandardCharsets.UTF_8);
                              }
                            })
                    .driver());
  }
}
