package dev.isostream.conformance.arch;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The module boundaries that the compiler does not check. */
class ArchitectureTest {

  private static final String API = "dev.isostream";
  private static final String SPI = "dev.isostream.spi..";

  /**
   * The one class that may look at the clock; everything else asks it, so that a simulation can.
   */
  private static final String RUNTIME = "dev.isostream.core.SystemRuntime";

  /** The memory broker's: it stands for the clock of another machine. */
  private static final String SERVER_CLOCK = "dev.isostream.memory.MemoryClock";

  /** Where a member's loop waits for mail while its source may not be asked; woken by any mail. */
  private static final String MAILBOX = "dev.isostream.engine.consume.Mailbox";

  private static final String[] CORE = {"dev.isostream.core..", "dev.isostream.engine.."};

  /** Each adapter's package with what it may use besides the JDK, the API and the SPI. */
  private static final Map<String, String[]> ADAPTERS =
      Map.of(
          "dev.isostream.memory..", new String[0],
          "dev.isostream.kafka..",
              new String[] {"org.apache.kafka.clients..", "org.apache.kafka.common.."},
          "dev.isostream.redis..",
              new String[] {"redis.clients.jedis..", "org.apache.commons.pool2.."},
          "dev.isostream.rabbitmq..",
              new String[] {"com.rabbitmq.client..", "com.rabbitmq.stream..", "io.netty.."},
          "dev.isostream.pulsar..",
              new String[] {
                "org.apache.pulsar.client..",
                "org.apache.pulsar.common..",
                "org.apache.pulsar.shade.io.netty.."
              },
          "dev.isostream.kinesis..",
              new String[] {
                "software.amazon.awssdk..",
                "org.reactivestreams..",
                "com.google.protobuf..",
                "io.netty.."
              });

  private static final String[] EVENT_LOOPS = {
    "io.netty.channel..", "org.apache.pulsar.shade.io.netty.channel.."
  };

  private static final Set<String> CLOCK_AND_SLEEP =
      Set.of(
          "java.lang.Thread.sleep",
          "java.lang.System.currentTimeMillis",
          "java.lang.System.nanoTime",
          "java.time.Instant.now",
          "java.time.Clock.systemUTC",
          "java.time.Clock.systemDefaultZone",
          "java.util.concurrent.TimeUnit.sleep",
          "java.util.concurrent.locks.LockSupport.parkNanos",
          "java.util.concurrent.locks.LockSupport.parkUntil");

  private static final Set<String> HIDDEN_THREADS =
      Set.of("supplyAsync", "runAsync", "delayedExecutor", "orTimeout", "completeOnTimeout");

  private static JavaClasses main = new ClassFileImporter().importPackages();

  @BeforeAll
  static void importMainClasses() {
    main =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.isostream");
  }

  static Stream<String> adapters() {
    return ADAPTERS.keySet().stream().sorted();
  }

  @Test
  void apiDependsOnTheJdkAndJSpecifyOnly() {
    check(
        classes()
            .that(resideInAnyPackage(API))
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(API, "java..", "org.jspecify..")));
  }

  @Test
  void spiKnowsNothingOfTheEngine() {
    check(
        classes()
            .that(resideInAnyPackage(SPI))
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(SPI, API, "java..", "org.jspecify..")));
  }

  @Test
  void nothingOutsideTheCoreUsesTheEngine() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(CORE)
            .and()
            .resideOutsideOfPackage("dev.isostream.benchmarks..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(CORE));
  }

  @Test
  void coreKnowsNoBrokerClient() {
    check(
        classes()
            .that(resideInAnyPackage(CORE))
            .should()
            .onlyDependOnClassesThat(
                resideInAnyPackage(API, SPI, "java..", "org.jspecify..", "com.fasterxml.jackson..")
                    .or(resideInAnyPackage(CORE))));
  }

  @ParameterizedTest
  @MethodSource("adapters")
  void adapterUsesTheSpiAndItsClientOnly(String adapter) {
    check(
        classes()
            .that(resideInAnyPackage(adapter))
            .should()
            .onlyDependOnClassesThat(
                resideInAnyPackage(adapter, API, SPI, "java..", "javax.net..", "org.jspecify..")
                    .or(resideInAnyPackage(ADAPTERS.getOrDefault(adapter, new String[0])))));
  }

  @ParameterizedTest
  @MethodSource("adapters")
  void adapterHasNoThreadsExecutorsOrTimers(String adapter) {
    check(
        noClasses()
            .that(resideInAnyPackage(adapter))
            .should()
            .dependOnClassesThat(
                // a native client that is told its own event loops runs them itself
                assignableTo(ExecutorService.class)
                    .and(resideOutsideOfPackages(EVENT_LOOPS))
                    .or(assignableTo(Executors.class))
                    .or(assignableTo(java.util.Timer.class)))
            .orShould()
            .callConstructorWhere(target(owner(assignableTo(Thread.class))))
            .orShould()
            .callMethodWhere(describe("hides a thread pool", ArchitectureTest::hidesThreads)));
  }

  @Test
  void timeComesFromTheRuntimeOnly() {
    check(
        noClasses()
            .that(shipped())
            .and()
            .doNotHaveFullyQualifiedName(RUNTIME)
            .and()
            .doNotHaveFullyQualifiedName(SERVER_CLOCK)
            .and()
            .doNotHaveFullyQualifiedName(MAILBOX)
            .should()
            .accessTargetWhere(
                describe("reads a clock or sleeps", ArchitectureTest::readsClockOrSleeps)));
  }

  @Test
  void everyPackageIsNullMarked() {
    Set<String> unmarked =
        main.stream()
            .map(JavaClass::getPackage)
            .filter(p -> !p.isAnnotatedWith(NullMarked.class))
            .map(p -> p.getName())
            .collect(Collectors.toSet());

    assertThat(unmarked).as("packages without @NullMarked").isEmpty();
  }

  /** What applications get: not the tests, examples and benchmarks. */
  private static DescribedPredicate<JavaClass> shipped() {
    return resideInAnyPackage(API, SPI)
        .or(resideInAnyPackage(CORE))
        .or(resideInAnyPackage(ADAPTERS.keySet().toArray(String[]::new)))
        .as("shipped classes");
  }

  private static boolean readsClockOrSleeps(JavaAccess<?> access) {
    return CLOCK_AND_SLEEP.contains(
        access.getTargetOwner().getFullName() + "." + access.getTarget().getName());
  }

  private static boolean hidesThreads(JavaCall<?> call) {
    return call.getTargetOwner().isAssignableTo(CompletableFuture.class)
        && HIDDEN_THREADS.contains(call.getTarget().getName());
  }

  private static void check(ArchRule rule) {
    rule.check(main);
  }
}
