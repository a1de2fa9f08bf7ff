package dev.isostream.conformance.brokers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * A key and its self-signed certificate, made at run time by the JDK's {@code keytool}. Immutable;
 * shows no secret.
 *
 * @param keyStore PKCS12 file with the key, for the server
 * @param trustStore PKCS12 file with the certificate alone, for clients
 * @param password opens both
 */
record SelfSignedCertificate(Path keyStore, Path trustStore, String password) {
  private static final String ALIAS = "broker";
  private static final long KEYTOOL_SECONDS = 60;
  private static final Pattern IP_ADDRESS = Pattern.compile("[0-9.]+|.*:.*");

  /** Makes one for the hosts, names or addresses, in two files of the directory. */
  static SelfSignedCertificate make(Path directory, List<String> hosts) {
    Path keyStore = directory.resolve("broker.p12");
    Path trustStore = directory.resolve("trust.p12");
    String password = KafkaGuard.password();
    try {
      runKeytool(keyStore, hosts, password);
      copyCertificate(keyStore, trustStore, password.toCharArray());
    } catch (IOException | GeneralSecurityException failed) {
      throw new BrokerUnavailableException("can't make a certificate in " + directory, failed);
    }
    return new SelfSignedCertificate(keyStore, trustStore, password);
  }

  private static void runKeytool(Path keyStore, List<String> hosts, String password)
      throws IOException {
    List<String> names = new ArrayList<>();
    hosts.forEach(host -> names.add((IP_ADDRESS.matcher(host).matches() ? "ip:" : "dns:") + host));
    ProcessBuilder command =
        new ProcessBuilder(
            ChildJvm.javaBinary("keytool").toString(),
            "-genkeypair",
            "-alias",
            ALIAS,
            "-keyalg",
            "EC",
            "-groupname",
            "secp256r1",
            "-validity",
            "30",
            "-dname",
            "CN=isostream test broker",
            "-ext",
            "san=" + String.join(",", names),
            "-storetype",
            "PKCS12",
            "-keystore",
            keyStore.toString(),
            "-storepass:env",
            "STORE_PASSWORD");
    command
        .environment()
        .put("STORE_PASSWORD", password); // not in the argument list, which every user can read
    Process keytool = command.redirectErrorStream(true).start();
    try {
      String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!keytool.waitFor(KEYTOOL_SECONDS, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
        throw new IOException("keytool failed: " + output);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while keytool ran", interrupted);
    } finally {
      keytool.destroyForcibly();
    }
  }

  private static void copyCertificate(Path from, Path to, char[] password)
      throws IOException, GeneralSecurityException {
    KeyStore source = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(from)) {
      source.load(in, password);
    }
    KeyStore target = KeyStore.getInstance("PKCS12");
    target.load(null, password);
    target.setCertificateEntry(ALIAS, source.getCertificate(ALIAS));
    try (OutputStream out = Files.newOutputStream(to)) {
      target.store(out, password);
    }
  }

  @Override
  public String toString() {
    return "SelfSignedCertificate[" + keyStore + "]";
  }
}
