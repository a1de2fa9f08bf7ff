package dev.isostream.kafka;

import dev.isostream.spi.Lane;
import dev.isostream.spi.Place;
import dev.isostream.spi.SourceListener;
import java.time.Duration;
import java.util.Set;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** Reads the lanes that it is told to; belongs to no group and leaves no trace. */
final class KafkaReader extends KafkaSource {

  KafkaReader(KafkaTopic topic, KafkaConsumer<byte[], byte[]> consumer, Duration requestTimeout) {
    super(topic, consumer, requestTimeout);
  }

  @Override
  public void poll(Duration maxWait, SourceListener listener) {
    if (held.isEmpty()) {
      wakeups.await(maxWait); // the client refuses to poll for nothing
    } else {
      super.poll(maxWait, listener);
    }
  }

  @Override
  public void read(Lane lane, Place place) {
    if (held(lane) == null) {
      KafkaTopic.Partition partition = topic.partition(lane.name());
      held.put(partition.id(), new Held(lane, partition));
      consumer.assign(held.keySet());
      hold(Set.of(partition.id()));
    }
    super.read(lane, place);
  }

  @Override
  public void stop(Lane lane) {
    Held mine = held(lane);
    if (mine != null) {
      held.remove(mine.partition.id());
      consumer.assign(held.keySet());
    }
  }
}
