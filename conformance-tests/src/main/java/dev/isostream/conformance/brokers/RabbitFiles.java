package dev.isostream.conformance.brokers;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** The files that a RabbitMQ under test reads, the same in a container and as a child process. */
record RabbitFiles(Path directory) {
  static final String PLUGINS = "[rabbitmq_stream].\n";

  private static final int LINE = 64;

  Path configuration() {
    return directory.resolve("rabbitmq.conf");
  }

  Path plugins() {
    return directory.resolve("enabled_plugins");
  }

  Path definitions() {
    return directory.resolve("definitions.json");
  }

  Path certificate() {
    return directory.resolve("broker-certificate.pem");
  }

  Path key() {
    return directory.resolve("broker-key.pem");
  }

  /** Writes the settings anew. */
  void write(Map<String, String> settings) {
    StringBuilder text = new StringBuilder();
    settings.forEach((name, value) -> text.append(name).append(" = ").append(value).append('\n'));
    try {
      Files.writeString(configuration(), text);
      Files.writeString(plugins(), PLUGINS);
    } catch (IOException failed) {
      throw new UncheckedIOException("can't write RabbitMQ's files in " + directory, failed);
    }
  }

  /** Writes users, certificate and key. */
  void write(RabbitGuard guard) {
    try {
      Files.writeString(definitions(), RabbitGuard.definitions(guard));
      SelfSignedCertificate made = guard.certificate();
      KeyStore store = KeyStore.getInstance("PKCS12");
      try (InputStream in = Files.newInputStream(made.keyStore())) {
        store.load(in, made.password().toCharArray());
      }
      List<String> names = Collections.list(store.aliases());
      String name = names.get(0);
      Files.writeString(certificate(), pem("CERTIFICATE", store.getCertificate(name).getEncoded()));
      Files.writeString(
          key(),
          pem("PRIVATE KEY", store.getKey(name, made.password().toCharArray()).getEncoded()));
    } catch (IOException | GeneralSecurityException failed) {
      throw new BrokerUnavailableException("can't write a certificate in " + directory, failed);
    }
  }

  private static String pem(String what, byte[] bytes) {
    String text = Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(bytes);
    return "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n";
  }
}
