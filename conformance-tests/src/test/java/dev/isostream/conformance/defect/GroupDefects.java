package dev.isostream.conformance.defect;

import dev.isostream.Delivery;
import dev.isostream.GroupActiveException;
import dev.isostream.IncompatibleGroupException;
import dev.isostream.Settlement;
import dev.isostream.StaleDeliveryException;
import dev.isostream.StartAt;
import dev.isostream.conformance.scene.Scene;
import dev.isostream.spi.Driver;
import dev.isostream.spi.DriverConfig;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.GroupSpec;
import dev.isostream.spi.Lane;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Broken groups. */
@SuppressWarnings({"rawtypes", "unchecked"}) // the payload's type does not matter to any of it
final class GroupDefects {

  private GroupDefects() {}

  static List<Defect> all() {
    return List.of(
        startsAgain(),
        copiesToAnotherMember(),
        noticesDeathLate(),
        fourthMemberStarves(),
        letsZombiesSettle(),
        movesLiveGroups(),
        hidesGaps(),
        misfitsUnnamed());
  }

  /** Goes to its start each time, where that is a position. */
  private static Defect startsAgain() {
    return Defect.of("starts-again", "G2", "a group that exists goes on where it was")
        .byEngine(
            real ->
                Api.of(real)
                    .consumerBuilder(
                        Map.of(
                            "startAt",
                            call ->
                                call.args()[0] instanceof StartAt.At at
                                    ? reset(real, at, call)
                                    : call.proceed()))
                    .messaging());
  }

  private static @Nullable Object reset(
      dev.isostream.Messaging real, StartAt.At at, Advice.Call call) throws Throwable {
    String topic = at.positions().iterator().next().topic();
    for (String group : real.groups().list(topic)) {
      real.groups().reset(topic, group, at);
    }
    return call.proceed();
  }

  private static Defect copiesToAnotherMember() {
    return Defect.of("copies-to-another-member", "G3", "each message goes to one member of a group")
        .by(
            () -> {
              Map<String, AtomicReference<@Nullable Copy>> copies = new ConcurrentHashMap<>();
              return new Variant() {
                @Override
                public dev.isostream.Messaging messaging(dev.isostream.Messaging real) {
                  return copying(real, copies);
                }
              };
            });
  }

  private record Copy(Object receiver, Delivery<?> delivery) {}

  private static dev.isostream.Messaging copying(
      dev.isostream.Messaging real, Map<String, AtomicReference<@Nullable Copy>> copies) {
    return Api.of(real)
        .consumer(
            () -> {
              AtomicInteger received = new AtomicInteger();
              return Map.of(
                  "receiveBatch",
                  call -> {
                    dev.isostream.Consumer<?> own = (dev.isostream.Consumer<?>) call.real();
                    AtomicReference<@Nullable Copy> slot =
                        copies.computeIfAbsent(
                            own.topic() + "/" + own.group(), key -> new AtomicReference<>());
                    List<Delivery<?>> batch =
                        new ArrayList<>((List<Delivery<?>>) Objects.requireNonNull(call.proceed()));
                    Copy copy = slot.get();
                    if (copy != null && copy.receiver() != own && slot.compareAndSet(copy, null)) {
                      batch.add(copy.delivery());
                    }
                    for (Delivery<?> each : batch) {
                      if (received.incrementAndGet() == 30) {
                        slot.set(new Copy(own, each));
                      }
                    }
                    return batch;
                  });
            })
        .messaging();
  }

  /** Declares what the broker does not keep. */
  private static Defect noticesDeathLate() {
    return Defect.of(
            "notices-death-late",
            "G5",
            "a dead member is replaced within the declared failover time")
        .by(
            () ->
                new Variant() {
                  @Override
                  public DriverConfig config(DriverConfig given) {
                    Map<String, String> all = new HashMap<>(given.properties());
                    all.put("session.timeout", "4500ms");
                    return new DriverConfig(
                        given.address(), given.clientId(), given.requestTimeout(), all);
                  }

                  @Override
                  public Driver driver(Driver real) {
                    return Advice.instead(
                        Driver.class, real, Map.of("limits", call -> withoutDelay(real.limits())));
                  }
                });
  }

  private static dev.isostream.Limits withoutDelay(dev.isostream.Limits real) {
    return dev.isostream.Limits.builder()
        .maxMessageBytes(real.maxMessageBytes())
        .maxKeyBytes(real.maxKeyBytes())
        .openWindow(real.openWindow())
        .groupRetention(real.groupRetention())
        .failoverTime(java.time.Duration.ofMillis(1500))
        .reconnectTime(real.reconnectTime())
        .timestampSource(real.timestampSource())
        .build();
  }

  /** With four members, nobody gives anything up any more. */
  private static Defect fourthMemberStarves() {
    return Defect.of("fourth-member-starves", "G6", "no member has none while another has two")
        .by(
            () -> {
              Map<String, AtomicInteger> members = new ConcurrentHashMap<>();
              return new Variant() {
                @Override
                public Driver driver(Driver real) {
                  return Advice.instead(
                      Driver.class,
                      real,
                      Map.of(
                          "openGroup",
                          call -> {
                            GroupSpec spec = call.arg(0, GroupSpec.class);
                            AtomicInteger live =
                                members.computeIfAbsent(
                                    spec.topic() + "/" + spec.group(), key -> new AtomicInteger());
                            // before it joins, so that nobody gives anything up for it
                            int unused = live.incrementAndGet();
                            return starving(
                                (GroupSource) Objects.requireNonNull(call.proceed()), live);
                          }));
                }
              };
            });
  }

  private static GroupSource starving(GroupSource real, AtomicInteger members) {
    GroupSource listened =
        Parts.listened(
            GroupSource.class,
            real,
            Map.of("revoking", call -> members.get() >= 4 ? null : call.proceed()));
    return Advice.instead(
        GroupSource.class,
        listened,
        Map.of(
            "close",
            call -> {
              members.decrementAndGet();
              return call.proceed();
            }));
  }

  private static Defect letsZombiesSettle() {
    Advice done =
        call ->
            ((CompletionStage<Settlement>) Objects.requireNonNull(call.proceed()))
                .handle(GroupDefects::settled)
                .thenCompose(stage -> stage);
    return Defect.of("lets-zombies-settle", "G7", "a late settlement of a member that was replaced")
        .and("D8", "StaleDeliveryException")
        .byEngine(
            real -> Api.of(real).delivery(() -> Map.of("ack", done, "nack", done)).messaging());
  }

  private static CompletionStage<Settlement> settled(
      @Nullable Settlement settlement, @Nullable Throwable failure) {
    if (settlement != null) {
      return CompletableFuture.completedFuture(settlement);
    }
    Throwable cause = Scene.unwrapped(Objects.requireNonNull(failure));
    return cause instanceof StaleDeliveryException
        ? CompletableFuture.completedFuture(Settlement.DONE)
        : CompletableFuture.failedFuture(cause);
  }

  private static Defect movesLiveGroups() {
    Advice careless =
        call -> {
          try {
            return call.proceed();
          } catch (GroupActiveException e) {
            return null;
          }
        };
    return Defect.of("moves-live-groups", "G8", "a group with a live member can't be reset")
        .byEngine(
            real -> Api.of(real).groups(Map.of("reset", careless, "delete", careless)).messaging());
  }

  /** Goes on at the earliest message left and tells nobody. */
  private static Defect hidesGaps() {
    return Defect.of("hides-gaps", "G9", "the gap is told")
        .byDriver(
            real ->
                Parts.of(real)
                    .group(
                        source ->
                            Parts.listened(
                                GroupSource.class, source, Map.of("removed", goingOn(source))))
                    .driver());
  }

  /** For a listener of this source. */
  static Advice goingOn(dev.isostream.spi.Source source) {
    return call -> {
      source.read(call.arg(0, Lane.class), call.arg(1, dev.isostream.spi.Place.class));
      return null;
    };
  }

  private static Defect misfitsUnnamed() {
    return Defect.of("misfits-unnamed", "G10", "the error names both values")
        .byEngine(
            real ->
                Api.of(real)
                    .consumerBuilder(
                        Map.of(
                            "open",
                            call -> {
                              try {
                                return call.proceed();
                              } catch (IncompatibleGroupException e) {
                                throw new IncompatibleGroupException("It does not fit.");
                              }
                            }))
                    .messaging());
  }
}
