package dev.isostream.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ExceptionTranslatorTest {

  private static final ExceptionTranslator TRANSLATOR =
      ExceptionTranslator.of(
              "Acme",
              "node",
              failure -> failure instanceof IOException ? ErrorKind.UNAVAILABLE : ErrorKind.UNKNOWN)
          .hint(ErrorKind.UNAVAILABLE, "is acme.address right?");

  @Test
  void saysWhatWasDoneWhatIsWrongWhatToLookAtAndWhatTheClientSays() {
    IOException native_ = new IOException("refused");

    DriverException translated =
        TRANSLATOR.translate(
            "Opening topic \"t\"", new CompletionException(new ExecutionException(native_)));

    assertThat(translated.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
    assertThat(translated)
        .hasMessage(
            "Opening topic \"t\" failed: no node answered as it should in time; is acme.address"
                + " right? Acme says: refused")
        .hasCause(native_);
  }

  @Test
  void whatLiesDeepestIsToldWhereItSaysMore() {
    Throwable failure = new IOException("late", new IOException("between", new IOException("why")));
    assertThat(TRANSLATOR.translate("It", failure)).hasMessageEndingWith(" says: late (why)");

    Throwable same = new IOException("late: why", new IOException("why"));
    assertThat(TRANSLATOR.translate("It", same)).hasMessageEndingWith(" says: late: why");

    Throwable silent = new IOException((String) null);
    assertThat(TRANSLATOR.translate("It", silent)).hasMessageEndingWith(" says: IOException");
  }

  @Test
  void whatIsTranslatedStaysAsItIs() {
    DriverException known = TRANSLATOR.of(ErrorKind.REMOVED, "One", null);

    assertThat(TRANSLATOR.translate("Two", new CompletionException(known))).isSameAs(known);
    assertThat(TRANSLATOR.kind(new CompletionException(known))).isEqualTo(ErrorKind.REMOVED);
  }

  @Test
  void stagesFailTranslated() {
    assertThatThrownBy(
            () ->
                TRANSLATOR
                    .stage("It", CompletableFuture.failedFuture(new IOException("gone")))
                    .toCompletableFuture()
                    .get())
        .cause()
        .isInstanceOfSatisfying(
            DriverException.class,
            failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.UNAVAILABLE));
  }

  @Test
  void answersThatAreNoExceptionsAreTold() {
    assertThat(TRANSLATOR.answered(ErrorKind.TOPIC_NOT_FOUND, "It", "code 2"))
        .hasMessage("It failed: there is no such topic. Acme says: code 2")
        .hasNoCause();
  }

  @ParameterizedTest
  @EnumSource
  void everyKindHasItsSentence(ErrorKind kind) {
    assertThat(TRANSLATOR.of(kind, "It", null)).hasMessageMatching("It failed: .*[.?]");
  }
}
