package dev.isostream.rabbitmq;

import com.rabbitmq.stream.Message;
import com.rabbitmq.stream.OffsetSpecification;
import dev.isostream.spi.ErrorKind;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Finds a message by its id, from a stream's end towards its beginning. */
final class RabbitSearch implements RabbitLink.Listener {

  private static final long FIRST_STEP = 1024;
  private static final int STEPS_GROW = 4;
  private static final int CREDITS = 10;

  private final long id;
  private final long end;
  private final CompletableFuture<Long> found = new CompletableFuture<>();

  private RabbitSearch(long id, long end) {
    this.id = id;
    this.end = end;
  }

  /** The offset. Blocks, mostly for a few round trips; for an old message, as long as it takes. */
  static long find(RabbitCluster cluster, String stream, long id) {
    long end = cluster.end(stream);
    long begin = cluster.begin(stream);
    long step = FIRST_STEP;
    long to = end;
    while (to > begin) {
      long from = Math.max(begin, to - step);
      long offset = within(cluster, stream, id, from, to);
      if (offset >= 0) {
        return offset;
      }
      to = from;
      step *= STEPS_GROW;
    }
    throw RabbitErrors.of(ErrorKind.REMOVED, "Asking for the position of a message", null);
  }

  /** -1 where it is not there. */
  private static long within(RabbitCluster cluster, String stream, long id, long from, long to) {
    RabbitSearch search = new RabbitSearch(id, to);
    try (RabbitLink link = cluster.open(cluster.leader(stream), "search", search)) {
      link.subscribe(0, stream, OffsetSpecification.offset(from), CREDITS);
      return search.found.get(cluster.config().requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw RabbitErrors.translate("Asking for the position of a message", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw RabbitErrors.of(ErrorKind.UNAVAILABLE, "Asking for the position of a message", e);
    }
  }

  @Override
  public void chunk(RabbitLink link, int subscription, long first, long messages, long bytes) {
    if (link != null && !found.isDone()) {
      link.credit(subscription, 1);
    }
  }

  @Override
  public void message(int subscription, long offset, long timestamp, Message message) {
    if (found.isDone()) {
      return;
    }
    Long stored = RabbitRecords.id(message);
    if (stored != null && stored == id) {
      found.complete(offset);
    } else if (offset >= end - 1) {
      found.complete(-1L);
    }
  }

  @Override
  public void lost() {
    found.completeExceptionally(
        RabbitErrors.of(ErrorKind.UNAVAILABLE, "Asking for the position of a message", null));
  }
}
