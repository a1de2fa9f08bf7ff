package dev.isostream.conformance.brokers;

import dev.isostream.conformance.brokers.BrokerSecurity.Login;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Enumeration;
import java.util.List;

/**
 * The users and the certificate of one guarded Redis. Immutable; shows no secret.
 *
 * <p>Redis has one set of users for all its ports, so who comes by TLS without a login may do
 * everything, and so may who comes without one by the other port; a login decides.
 */
record RedisGuard(
    Login admin, Login visitor, SelfSignedCertificate certificate, Path chain, Path key) {

  static RedisGuard with(Path directory, List<String> hosts) {
    SelfSignedCertificate certificate = SelfSignedCertificate.make(directory, hosts);
    Path chain = directory.resolve("broker.crt");
    Path key = directory.resolve("broker.key");
    try (InputStream in = Files.newInputStream(certificate.keyStore())) {
      char[] password = certificate.password().toCharArray();
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(in, password);
      Enumeration<String> aliases = store.aliases();
      String alias = aliases.nextElement();
      Files.writeString(chain, pem("CERTIFICATE", store.getCertificate(alias).getEncoded()));
      Files.writeString(key, pem("PRIVATE KEY", store.getKey(alias, password).getEncoded()));
    } catch (IOException | GeneralSecurityException failed) {
      throw new BrokerUnavailableException("can't make a certificate in " + directory, failed);
    }
    return new RedisGuard(
        new Login("admin", KafkaGuard.password()),
        new Login("visitor", KafkaGuard.password()),
        certificate,
        chain,
        key);
  }

  private static String pem(String what, byte[] bytes) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    return "-----BEGIN " + what + "-----\n" + body + "\n-----END " + what + "-----\n";
  }

  /** The lines of the server's configuration that say who may do what. */
  List<String> users() {
    return List.of(
        "user " + admin.user() + " on >" + admin.password() + " ~* &* +@all",
        "user " + visitor.user() + " on >" + visitor.password() + " resetkeys +@connection");
  }

  BrokerSecurity at(String loginAddress, String tlsAddress) {
    return new BrokerSecurity(
        loginAddress, admin, visitor, tlsAddress, certificate.trustStore(), certificate.password());
  }

  @Override
  public String toString() {
    return "RedisGuard[" + admin.user() + ", " + visitor.user() + "]";
  }
}
