package dev.isostream.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Limits;
import dev.isostream.spi.Driver;
import dev.isostream.spi.DriverConfig;
import dev.isostream.spi.DriverProvider;
import dev.isostream.spi.DriverTraits;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.PropertyVerdict;
import java.time.Duration;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Finding, configuring and opening the driver. */
class MemoryDriverProviderTest {

  private final MemoryDriverProvider provider = new MemoryDriverProvider();

  @Test
  void isFound() {
    assertThat(ServiceLoader.load(DriverProvider.class))
        .extracting(DriverProvider::scheme)
        .contains("memory");
  }

  @ParameterizedTest
  @CsvSource({
    "session.timeout,3s",
    "session.timeout,500ms",
    "session.timeout,PT0.5S",
    "rebalance.timeout,5m",
    "max.message.bytes,1024",
    "retention.messages,1",
    "user,ann"
  })
  void acceptsWhatFits(String name, String value) {
    assertThat(provider.check(name, value)).isEqualTo(new PropertyVerdict.Accepted(false));
    assertThat(provider.propertyNames()).contains(name);
  }

  @ParameterizedTest
  @CsvSource({
    "session.timeout,soon",
    "session.timeout,0s",
    "session.timeout,-PT1S",
    "session.timeout,999999999h",
    "rebalance.timeout,3",
    "max.message.bytes,0",
    "max.message.bytes,2147483648",
    "retention.messages,-1",
    "user,''",
    "password,''"
  })
  void refusesWhatDoesNotAndSaysWhatIsAllowed(String name, String value) {
    assertThat(provider.check(name, value))
        .isInstanceOfSatisfying(
            PropertyVerdict.Refused.class,
            refused -> assertThat(refused.reason()).startsWith("allowed is "));
  }

  @Test
  void knowsItsSecretAndNothingElse() {
    assertThat(provider.check("password", "x")).isEqualTo(new PropertyVerdict.Accepted(true));
    assertThat(provider.check("sesion.timeout", "3s")).isInstanceOf(PropertyVerdict.Unknown.class);
  }

  @Test
  void takesTheNameOfABroker() {
    assertThat(provider.checkAddress("local")).isEmpty();
    assertThat(provider.checkAddress("my.broker-1_2")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "user:hunter2@local", "a/b"})
  void refusesOtherAddressesWithoutRepeatingThem(String address) {
    assertThat(provider.checkAddress(address))
        .hasValueSatisfying(
            problem -> assertThat(problem).contains("memory://local").doesNotContain("hunter2"));
  }

  @Test
  void declaresItsNumbers() {
    DriverConfig config =
        new DriverConfig(
            "provider-test",
            "client",
            Duration.ofSeconds(1),
            Map.of("session.timeout", "2s", "max.message.bytes", "5000", "password", "hunter2"));
    try (Driver driver = provider.open(config, Runnable::run, System::nanoTime)) {
      Limits limits = driver.limits();
      DriverTraits traits = driver.traits();

      assertThat(limits.failoverTime()).isEqualTo(Duration.ofSeconds(3));
      assertThat(limits.maxMessageBytes()).isEqualTo(5000);
      assertThat(limits.maxKeyBytes()).isEqualTo(5000);
      assertThat(limits.ackLossOnBrokerCrash()).isZero();
      assertThat(limits.duplicateWindow()).isZero();
      assertThat(traits.assignsLanes() && traits.densePositions()).isTrue();
      assertThat(driver.unwrap(MemoryBroker.class)).contains(MemoryBroker.named("provider-test"));
      assertThat(driver.unwrap(MemoryConnection.class)).isPresent();
      assertThat(driver.unwrap(String.class)).isEmpty();
      assertThat(config + "" + driver).doesNotContain("hunter2");
      Fixture.assertFails(
          ErrorKind.INVALID,
          () ->
              driver.leases(
                  new dev.isostream.spi.GroupSpec("t", "g", "m", Duration.ofSeconds(1), 1, 1)));
    } finally {
      MemoryBroker.named("provider-test").remove();
    }
  }
}
