package dev.isostream.conformance.brokers;

/** Emulators of Kinesis and DynamoDB, which keep what they have as long as they run. */
interface KinesisStores extends AutoCloseable {

  /** Which emulators they are, for reports. */
  String version();

  /** Starts them where they don't run. Fails: {@link BrokerUnavailableException}. */
  void start();

  String host();

  int kinesisPort();

  int dynamoDbPort();

  @Override
  void close();
}
