package dev.isostream.memory;

import static dev.isostream.memory.Fixture.join;
import static dev.isostream.memory.Fixture.lane;
import static dev.isostream.memory.Fixture.member;
import static org.assertj.core.api.Assertions.assertThat;

import dev.isostream.Headers;
import dev.isostream.memory.MemoryBroker.Unanswered;
import dev.isostream.spi.DriverConfig;
import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import dev.isostream.spi.GroupSource;
import dev.isostream.spi.Lane;
import dev.isostream.spi.LaneCommit;
import dev.isostream.spi.Place;
import dev.isostream.spi.Sink;
import dev.isostream.spi.SinkSpec;
import dev.isostream.spi.Source;
import dev.isostream.spi.SourceRecord;
import dev.isostream.spi.StoredCursor;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several threads, real time. */
class MemoryWaitingTest {

  private static final Duration LONG = Duration.ofMinutes(2);
  private static final long LIMIT = 60;

  private final MemoryBroker broker = new MemoryBroker("waiting", new MemoryClock());
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  private MemoryDriver driver(String session) {
    return new MemoryDriver(
        broker,
        MemoryProperties.parse(
            new DriverConfig(
                "waiting", "client", Duration.ofSeconds(5), Map.of("session.timeout", session))));
  }

  /** A source that waits, with all that it knew before told. */
  private Future<?> waiting(Source source, Told told) {
    return threads.submit(() -> source.poll(LONG, told));
  }

  @Test
  void aWaitingPollEndsWithAnAppend() throws Exception {
    MemoryDriver driver = driver("3s");
    join(driver.admin().createTopic("t", 1));
    Source source = driver.openReader("t");
    source.read(lane("0"), Place.Origin.INSTANCE);
    Told told = new Told(null);
    Future<?> poll = waiting(source, told);
    broker.append("t", "0", null, new byte[] {1}, Headers.empty());
    poll.get(LIMIT, TimeUnit.SECONDS);

    assertThat(told.records).hasSize(1);
  }

  @Test
  void aWaitingPollEndsWithAWakeupAlsoOneThatCameBefore() throws Exception {
    MemoryDriver driver = driver("3s");
    join(driver.admin().createTopic("t", 1));
    Source source = driver.openReader("t");
    source.wakeup();
    waiting(source, new Told(null)).get(LIMIT, TimeUnit.SECONDS);
    Future<?> poll = waiting(source, new Told(null));
    source.wakeup();
    poll.get(LIMIT, TimeUnit.SECONDS);

    assertThat(poll).isDone();
  }

  @Test
  void aWaitingMemberIsNotThoughtDeadAndInheritsFromOneThatIs() throws Exception {
    MemoryDriver mine = driver("200ms");
    MemoryDriver others = driver("200ms");
    join(mine.admin().createTopic("t", 1));
    GroupSource dead = member(others, "t", "g", "dead");
    new Told(dead).poll(dead);
    GroupSource live = member(mine, "t", "g", "live");
    Told told = new Told(live);
    waiting(live, told).get(LIMIT, TimeUnit.SECONDS);
    assertThat(told.owned).hasSize(1);

    // longer than the session, without a single poll that returns
    live.poll(Duration.ofMillis(700), told);
    GroupSource third = member(others, "t", "g", "third");
    live.poll(Duration.ofMillis(0), told);
    assertThat(told.lost).isEmpty();
    third.close();
  }

  @Test
  void aWaitingPollEndsWithACrash() throws Exception {
    MemoryDriver driver = driver("3s");
    join(driver.admin().createTopic("t", 1));
    Source source = driver.openReader("t");
    Future<?> poll = waiting(source, new Told(null));
    broker.crash(Unanswered.LOST);

    try {
      poll.get(LIMIT, TimeUnit.SECONDS);
      throw new AssertionError("the poll should have failed");
    } catch (ExecutionException e) {
      assertThat(e.getCause())
          .isInstanceOfSatisfying(
              DriverException.class, x -> assertThat(x.kind()).isEqualTo(ErrorKind.UNAVAILABLE));
    }
  }

  /**
   * Producers, members that come and go, a broker that stalls, crashes and loses replies: all that
   * was confirmed is stored once and in order, and read once between commits.
   */
  @Test
  void nothingIsLostOrSwappedInTheMiddleOfEverything() throws Exception {
    int producers = 3;
    int each = 3000;
    MemoryDriver admin = driver("3s");
    join(admin.admin().createTopic("t", 5));
    Tally tally = new Tally(producers * each);
    List<Future<?>> running = new ArrayList<>();
    for (int p = 0; p < producers; p++) {
      int number = p;
      running.add(threads.submit(() -> produce(number, each)));
    }
    for (int m = 0; m < 3; m++) {
      int number = m;
      running.add(threads.submit(() -> consume(number, tally)));
    }
    for (int i = 0; i < 20 && !tally.await(20); i++) {
      disturb(i);
    }
    assertThat(tally.await(LIMIT * 1000)).isTrue();
    for (Future<?> one : running) {
      one.get(LIMIT, TimeUnit.SECONDS);
    }

    assertThat(tally.once).hasSize(producers * each);
    assertThat(tally.again).hasValue(0);
    assertStoredOnceAndInOrder(producers * each);
  }

  private void disturb(int round) {
    broker.dropReplies(2);
    broker.stall();
    if (round % 3 == 0) {
      broker.crash(round % 2 == 0 ? Unanswered.DONE : Unanswered.LOST);
      broker.restart();
    }
    broker.resume();
  }

  /** Opens something as soon as the broker is there. */
  private static <T> T open(Callable<T> opening) throws Exception {
    while (true) {
      try {
        return opening.call();
      } catch (DriverException e) {
        assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
        Thread.onSpinWait();
      }
    }
  }

  private @Nullable Void produce(int number, int count) throws Exception {
    MemoryDriver driver = driver("3s");
    Sink sink = open(() -> driver.openSink(new SinkSpec("t", "p" + number, LONG, 1 << 20)));
    List<Sent> sent = new ArrayList<>();
    for (int i = 0; i < count; i += 10) {
      List<Sent> batch = new ArrayList<>();
      for (int j = i; j < i + 10; j++) {
        batch.add(Sent.of("k" + number + "-" + j % 7, number + ":" + j, j));
      }
      sink.append(batch);
      sent.addAll(batch);
    }
    for (Sent one : sent) {
      one.decided().get(LIMIT, TimeUnit.SECONDS);
    }
    assertThat(sent).allMatch(Sent::isStored);
    sink.close();
    return null;
  }

  private void assertStoredOnceAndInOrder(int count) {
    Map<String, Integer> last = new HashMap<>();
    Set<String> seen = new HashSet<>();
    for (int p = 0; p < 5; p++) {
      for (SourceRecord record : broker.stored("t", "" + p)) {
        String text = Told.text(record);
        assertThat(seen.add(text)).as(text).isTrue();
        String key = new String(Objects.requireNonNull(record.key()), StandardCharsets.UTF_8);
        int number = Integer.parseInt(text.substring(text.indexOf(':') + 1));
        assertThat(last.merge(key, number, Math::max)).isEqualTo(number);
      }
    }
    assertThat(seen).hasSize(count);
  }

  /** Settles everything it is told, one member after another. */
  private @Nullable Void consume(int number, Tally tally) throws Exception {
    for (int life = 0; !tally.isComplete(); life++) {
      String id = number + "-" + life;
      MemoryDriver driver = driver("3s");
      GroupSource source = open(() -> member(driver, "t", "g", id));
      Told told = new Told(source);
      int polls = 0;
      while (!tally.isComplete() && (polls++ < 40 || !told.records.isEmpty())) {
        try {
          turn(source, told, tally);
        } catch (DriverException | CompletionException e) {
          // the broker is away; the cursors are stored with the next turn
          Thread.onSpinWait();
        }
      }
      source.close();
      driver.close();
    }
    return null;
  }

  private static void turn(GroupSource source, Told told, Tally tally) {
    source.poll(Duration.ofMillis(5), told);
    Map<String, SourceRecord> last = new HashMap<>();
    told.records.forEach(record -> last.put(record.partition(), record));
    List<LaneCommit> commits = new ArrayList<>();
    for (Lane lane : told.owned) {
      SourceRecord record = last.get(lane.name());
      if (record != null) {
        StoredCursor behind = new StoredCursor(new Place.After(record.position()), new byte[0]);
        commits.add(new LaneCommit(lane, behind, List.of(), false));
      }
    }
    if (!commits.isEmpty()) {
      join(source.commit(commits));
      told.records.forEach(record -> tally.settled(Told.text(record)));
      told.records.clear();
    }
    for (Lane lane : told.revoking) {
      told.owned.remove(lane);
      source.release(lane);
    }
    told.revoking.clear();
  }

  /** What was settled, by all members together. */
  private static final class Tally {
    final Set<String> once = ConcurrentHashMap.newKeySet();
    final AtomicInteger again = new AtomicInteger();
    private final CountDownLatch missing;

    Tally(int count) {
      missing = new CountDownLatch(count);
    }

    void settled(String text) {
      if (once.add(text)) {
        missing.countDown();
      } else {
        again.incrementAndGet();
      }
    }

    boolean isComplete() {
      return missing.getCount() == 0;
    }

    boolean await(long millis) throws InterruptedException {
      return missing.await(millis, TimeUnit.MILLISECONDS);
    }
  }
}
