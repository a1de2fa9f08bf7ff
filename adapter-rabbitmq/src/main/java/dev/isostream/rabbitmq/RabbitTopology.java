package dev.isostream.rabbitmq;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import dev.isostream.spi.DriverException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/**
 * Super streams as the broker's own tools make them: a direct exchange, a stream for each
 * partition, and a binding of each by its number, in order. Over AMQP 0-9-1, since the stream
 * protocol can do it from 3.13 on only.
 *
 * <p>Blocks: for the request timeout at most, for each request.
 */
final class RabbitTopology {

  private static final Map<String, Object> SUPER_STREAM = Map.of("x-super-stream", true);

  private final RabbitConfig config;

  RabbitTopology(RabbitConfig config) {
    this.config = config;
  }

  private interface Work {
    void on(Channel channel) throws IOException;
  }

  private void run(String doing, Work work) {
    try (Connection connection = config.amqp().newConnection();
        Channel channel = connection.createChannel()) {
      work.on(channel);
    } catch (IOException | TimeoutException | RuntimeException e) {
      throw RabbitErrors.translate(doing + " over AMQP at " + config.amqpNode(), e);
    }
  }

  /**
   * Whether there is one, also for users who may do nothing with it; false where AMQP is out of
   * reach.
   */
  boolean exists(String topic) {
    try {
      run("Looking for topic \"" + topic + "\"", channel -> channel.exchangeDeclarePassive(topic));
      return true;
    } catch (DriverException e) {
      return false;
    }
  }

  /** The stream of a partition of a topic that is made here. */
  static String stream(String topic, int number) {
    return topic + "-" + number;
  }

  /** Makes partitions from one number to below another, and what they hang on. */
  void create(String topic, int from, int to) {
    run(
        "Creating topic \"" + topic + "\"",
        channel -> {
          channel.exchangeDeclare(topic, BuiltinExchangeType.DIRECT, true, false, SUPER_STREAM);
          for (int number = from; number < to; number++) {
            String stream = stream(topic, number);
            channel.queueDeclare(stream, true, false, false, arguments());
            Map<String, Object> order = Map.of("x-stream-partition-order", number);
            channel.queueBind(stream, topic, Integer.toString(number), order);
          }
        });
  }

  private Map<String, Object> arguments() {
    Map<String, Object> arguments = new HashMap<>();
    arguments.put("x-queue-type", "stream");
    config
        .topicArguments()
        .forEach(
            (name, value) ->
                arguments.put(
                    "x-" + name, value.matches("\\d{1,18}") ? Long.valueOf(value) : value));
    return arguments;
  }

  /** Removes a topic with its streams. */
  void delete(RabbitTopic topic) {
    run(
        "Deleting topic \"" + topic.name() + "\"",
        channel -> {
          for (String stream : topic.streams()) {
            channel.queueDelete(stream);
          }
          if (!topic.streams().contains(topic.name())) {
            channel.exchangeDelete(topic.name());
          }
        });
  }
}
