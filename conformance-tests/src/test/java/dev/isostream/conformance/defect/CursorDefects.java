package dev.isostream.conformance.defect;

import dev.isostream.spi.Admin;
import dev.isostream.spi.Driver;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.Lane;
import dev.isostream.spi.LaneCommit;
import dev.isostream.spi.Place;
import dev.isostream.spi.StoredCursor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Broken ways to keep a group's cursors, in the driver. */
@SuppressWarnings("unchecked") // arguments and results come without their types
final class CursorDefects {

  private CursorDefects() {}

  static List<Defect> all() {
    return List.of(
        skipsAfterADeath(),
        keepsOnlyWatermarks(),
        storesNoFirstCursor(),
        forgetsOnHandover(),
        restartsUnknownCursors());
  }

  /** Goes on behind the first message that its owner died with, but for the first partition. */
  private static Defect skipsAfterADeath() {
    return Defect.of("skips-after-a-death", "D1", "everything confirmed is settled in the end")
        .and("D5", "deliveries to group convicts")
        .and("G1", "deliveries to group latest")
        .and("G5", "deliveries to group replaced")
        .by(
            () -> {
              Set<String> inUse = ConcurrentHashMap.newKeySet();
              return new Variant() {
                @Override
                public Driver driver(Driver real) {
                  return Parts.of(real)
                      .group((spec, s) -> skipping(spec.topic() + "/" + spec.group(), s, inUse))
                      .driver();
                }
              };
            });
  }

  private static GroupSource skipping(String group, GroupSource real, Set<String> inUse) {
    Set<String> own = ConcurrentHashMap.newKeySet();
    Set<String> orphans = ConcurrentHashMap.newKeySet();
    GroupSource listened =
        Parts.listened(
            GroupSource.class,
            real,
            Map.of(
                "assigned",
                call -> {
                  String lane = group + "/" + call.arg(0, Lane.class).name();
                  if (!inUse.add(lane) && !lane.endsWith("/0")) {
                    orphans.add(lane);
                  }
                  own.add(lane);
                  return call.proceed();
                }));
    return Advice.instead(
        GroupSource.class,
        listened,
        Map.of(
            "read",
            call -> {
              String lane = group + "/" + call.arg(0, Lane.class).name();
              return orphans.remove(lane) && call.args()[1] instanceof Place.At at
                  ? call.with(
                      call.args()[0],
                      new Place.At(at.position().withWords(at.position().word(0) + 1)))
                  : call.proceed();
            },
            "release",
            call -> {
              inUse.remove(group + "/" + call.arg(0, Lane.class).name());
              return call.proceed();
            },
            "poll",
            call -> {
              try {
                return call.proceed();
              } catch (DriverException e) {
                if (e.kind() == ErrorKind.CLOSED) {
                  // it was killed: what it has is left as it is, whatever it still closes
                  own.clear();
                }
                throw e;
              }
            },
            "close",
            call -> {
              inUse.removeAll(own);
              return call.proceed();
            }));
  }

  /** Confirms a commit that moves no watermark, without storing it. */
  private static Defect keepsOnlyWatermarks() {
    return Defect.of(
            "keeps-only-watermarks", "D3", "exactly the open ones | deliveries to group crash")
        .and("D2", "the open ones come again")
        .and("G5", "exactly what was not durably settled")
        .and("G7", "a late settlement moves the group")
        .and("D4", "what did not fail is not held up")
        .and(
            "D5",
            "is counted for it | was settled | is remembered | each failure adds one | to group back")
        .and("D8", "deliveries to group moves-on | settles or hastens")
        .andPerhaps("D1", "nothing comes again that was settled")
        .and("D11", "a killer is discarded | a killer stops | only a death with it alone in hand")
        .byDriver(
            real ->
                Parts.of(real)
                    .group(
                        source -> {
                          Map<Lane, Place> last = new HashMap<>();
                          return pretending(
                              source,
                              commit ->
                                  commit
                                      .cursor()
                                      .place()
                                      .equals(last.put(commit.lane(), commit.cursor().place())));
                        })
                    .driver());
  }

  /** A group that begins behind messages is not stored where it begins. */
  private static Defect storesNoFirstCursor() {
    return Defect.of("stores-no-first-cursor", "G1", "deliveries to group latest")
        .byDriver(real -> Parts.of(real).group(CursorDefects::withoutFirst).driver());
  }

  private static GroupSource withoutFirst(GroupSource real) {
    Set<Lane> fresh = ConcurrentHashMap.newKeySet();
    GroupSource listened =
        Parts.listened(
            GroupSource.class,
            real,
            Map.of(
                "assigned",
                call -> {
                  if (call.args()[1] == null) {
                    fresh.add(call.arg(0, Lane.class));
                  }
                  return call.proceed();
                }));
    return pretending(
        listened,
        commit ->
            fresh.remove(commit.lane())
                && commit.cursor().place() instanceof Place.At at
                && at.position().word(0) > 0);
  }

  /** When a lane moves on, it moves on with the cursor that it came with. */
  private static Defect forgetsOnHandover() {
    return Defect.of("forgets-on-handover", "G4", "no message comes twice | no key is reordered")
        .byDriver(real -> Parts.of(real).group(CursorDefects::forgetting).driver());
  }

  /** When the lane is given back, not at a commit near that: there need not be one by then. */
  private static GroupSource forgetting(GroupSource real) {
    Map<Lane, StoredCursor> first = new ConcurrentHashMap<>();
    return Advice.instead(
        GroupSource.class,
        real,
        Map.of(
            "commit",
            call -> {
              for (Object each : call.arg(0, List.class)) {
                LaneCommit commit = (LaneCommit) each;
                first.putIfAbsent(commit.lane(), commit.cursor());
              }
              return call.proceed();
            },
            "release",
            call -> {
              Lane lane = call.arg(0, Lane.class);
              StoredCursor came = first.remove(lane);
              if (came != null) {
                real.commit(List.of(new LaneCommit(lane, came, List.of(), false)));
              }
              return call.proceed();
            }));
  }

  private static GroupSource pretending(GroupSource real, Predicate<LaneCommit> dropped) {
    return Advice.instead(
        GroupSource.class,
        real,
        Map.of(
            "commit",
            call -> {
              Map<Lane, GroupSource.CommitOutcome> pretended = new HashMap<>();
              List<LaneCommit> rest = new ArrayList<>();
              for (Object each : call.arg(0, List.class)) {
                LaneCommit commit = (LaneCommit) each;
                if (dropped.test(commit)) {
                  pretended.put(commit.lane(), new GroupSource.CommitOutcome.Stored());
                } else {
                  rest.add(commit);
                }
              }
              return rest.isEmpty()
                  ? CompletableFuture.completedFuture(pretended)
                  : with(call.with(rest), pretended);
            }));
  }

  private static Object with(
      @Nullable Object stage, Map<Lane, GroupSource.CommitOutcome> pretended) {
    return ((CompletionStage<Map<Lane, GroupSource.CommitOutcome>>) Objects.requireNonNull(stage))
        .thenApply(
            outcomes -> {
              Map<Lane, GroupSource.CommitOutcome> all = new HashMap<>(outcomes);
              all.putAll(pretended);
              return all;
            });
  }

  /** A cursor whose version it does not know is none. */
  private static Defect restartsUnknownCursors() {
    return Defect.of("restarts-unknown-cursors", "W3", "a cursor of a newer version")
        .byDriver(
            real ->
                Parts.of(real)
                    .group(
                        source ->
                            Parts.listened(
                                GroupSource.class,
                                source,
                                Map.of(
                                    "assigned",
                                    call ->
                                        call.with(
                                            call.args()[0], known((StoredCursor) call.args()[1])))))
                    .admin(CursorDefects::known)
                    .driver());
  }

  private static Admin known(Admin real) {
    return Advice.instead(
        Admin.class,
        real,
        Map.of(
            "describeGroup",
            call ->
                ((CompletionStage<Optional<Admin.GroupInfo>>)
                        Objects.requireNonNull(call.proceed()))
                    .thenApply(group -> group.map(CursorDefects::known))));
  }

  private static Admin.GroupInfo known(Admin.GroupInfo info) {
    Map<String, Admin.LaneInfo> lanes = new HashMap<>();
    info.lanes()
        .forEach(
            (name, lane) ->
                lanes.put(
                    name,
                    new Admin.LaneInfo(
                        Objects.requireNonNull(known(lane.cursor())),
                        lane.anchor(),
                        lane.backlog(),
                        lane.exact())));
    return new Admin.GroupInfo(info.members(), lanes);
  }

  private static @Nullable StoredCursor known(@Nullable StoredCursor cursor) {
    return cursor != null && cursor.state().length > 0 && cursor.state()[0] > 0x10
        ? new StoredCursor(cursor.place(), new byte[0])
        : cursor;
  }
}
