package dev.isostream.kafka;

import java.util.Map;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

/** What the clients tell of themselves by their metrics and by nothing else. */
final class KafkaMetrics {

  private KafkaMetrics() {}

  static Metric find(Map<MetricName, ? extends Metric> all, String group, String name) {
    return all.entrySet().stream()
        .filter(e -> e.getKey().group().equals(group) && e.getKey().name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("kafka-clients has no metric " + name))
        .getValue();
  }

  static double value(Metric metric) {
    return ((Number) metric.metricValue()).doubleValue();
  }
}
