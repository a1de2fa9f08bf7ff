package dev.isostream.conformance.brokers;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The settings of a Pulsar under test, the same in a container and as a child process: one node
 * that keeps what it confirmed.
 */
final class PulsarServerSettings {

  /** The property by which a client is told where the HTTP interface is. */
  static final String ADMIN_URL = "pulsar.admin.url";

  /** Modules that the server's libraries look into. */
  static final String[] OPENED = {
    "--add-opens",
    "java.base/java.io=ALL-UNNAMED",
    "--add-opens",
    "java.base/java.util.zip=ALL-UNNAMED",
    "--add-opens",
    "java.base/java.nio=ALL-UNNAMED",
    "--add-opens",
    "java.base/jdk.internal.misc=ALL-UNNAMED",
    "--add-opens",
    "java.base/jdk.internal.platform=ALL-UNNAMED",
    "--add-opens",
    "java.management/sun.management=ALL-UNNAMED",
    "--add-opens",
    "jdk.management/com.sun.management.internal=ALL-UNNAMED",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Djava.net.preferIPv4Stack=true",
    "-Dlog4j2.is.webapp=false"
  };

  private PulsarServerSettings() {}

  static Map<String, String> common() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("clusterName", "standalone");
    settings.put("allowAutoTopicCreation", "false");
    singleNode(settings);
    durable(settings);
    small(settings);
    return settings;
  }

  private static void singleNode(Map<String, String> settings) {
    settings.put("managedLedgerDefaultEnsembleSize", "1");
    settings.put("managedLedgerDefaultWriteQuorum", "1");
    settings.put("managedLedgerDefaultAckQuorum", "1");
    settings.put("loadBalancerEnabled", "false");
    settings.put("loadManagerClassName", "org.apache.pulsar.broker.loadbalance.NoopLoadManager");
    settings.put("webSocketServiceEnabled", "false");
    settings.put("ledgerStorageClass", "org.apache.bookkeeper.bookie.storage.ldb.DbLedgerStorage");
    settings.put("allowLoopback", "true");
    settings.put("diskUsageThreshold", "0.99");
    settings.put("diskUsageWarnThreshold", "0.99");
    settings.put("backlogQuotaCheckEnabled", "false");
    settings.put("brokerDeleteInactiveTopicsEnabled", "false");
    // an internal client's first topic would be made by the first test that needs a policy
    settings.put("defaultNumberOfNamespaceBundles", "1");
  }

  /** A killed process loses nothing of it; a host without power is not under test. */
  private static void durable(Map<String, String> settings) {
    settings.put("journalSyncData", "false");
    settings.put("journalMaxGroupWaitMSec", "1");
    settings.put("managedLedgerDefaultMarkDeleteRateLimit", "1000");
    settings.put("managedLedgerCursorPositionFlushSeconds", "1");
    settings.put("acknowledgmentAtBatchIndexLevelEnabled", "true");
    // who has read all there is hears of the next message at once
    settings.put("managedLedgerNewEntriesCheckDelayInMillis", "0");
    // what de-duplication remembers keeps the messages since; retention is to be seen sooner
    settings.put("brokerDeduplicationSnapshotFrequencyInSeconds", "1");
    settings.put("brokerDeduplicationSnapshotIntervalSeconds", "1");
    settings.put("brokerShutdownTimeoutMs", "2000");
  }

  private static void small(Map<String, String> settings) {
    settings.put("nettyMaxFrameSizeBytes", "5253120");
    settings.put("flushInterval", "60000");
    settings.put("dbStorage_writeCacheMaxSizeMb", "16");
    settings.put("dbStorage_readAheadCacheMaxSizeMb", "8");
    settings.put("dbStorage_rocksDB_blockCacheSize", "4194304");
    settings.put("managedLedgerCacheSizeMB", "32");
    settings.put("bookkeeperNumberOfChannelsPerBookie", "1");
    settings.put("bookkeeperUseV2WireProtocol", "true");
    settings.put("numIOThreads", "2");
    settings.put("numOrderedExecutorThreads", "2");
    settings.put("numHttpServerThreads", "8");
    settings.put("numExecutorThreadPoolSize", "2");
    settings.put("numCacheExecutorThreadPoolSize", "2");
    settings.put("topicOrderedExecutorThreadNum", "2");
    settings.put("managedLedgerNumSchedulerThreads", "2");
    settings.put("bookkeeperClientNumWorkerThreads", "2");
    settings.put("bookkeeperClientNumIoThreads", "2");
  }

  /**
   * Who has no token is trusted; who has one is who it says.
   *
   * @param keyStore path of the PKCS12 file with the key of the TLS listeners
   */
  static Map<String, String> guarded(PulsarGuard guard, String keyStore) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("authenticationEnabled", "true");
    settings.put(
        "authenticationProviders",
        "org.apache.pulsar.broker.authentication.AuthenticationProviderToken");
    settings.put("tokenSecretKey", "data:;base64," + guard.key());
    settings.put("anonymousUserRole", PulsarGuard.ANONYMOUS);
    settings.put("authorizationEnabled", "true");
    settings.put("superUserRoles", guard.admin().user() + "," + PulsarGuard.ANONYMOUS);
    settings.put("tlsEnabledWithKeyStore", "true");
    settings.put("tlsKeyStoreType", "PKCS12");
    settings.put("tlsKeyStore", keyStore);
    settings.put("tlsKeyStorePassword", guard.certificate().password());
    settings.put("tlsRequireTrustedClientCertOnConnect", "false");
    return settings;
  }
}
