package dev.isostream.conformance.brokers;

import dev.isostream.conformance.brokers.BrokerSecurity.Login;
import java.security.SecureRandom;
import java.util.HexFormat;

/** The users and the certificate of one guarded Kafka. Immutable; shows no secret. */
record KafkaGuard(Login admin, Login visitor, SelfSignedCertificate certificate) {

  static KafkaGuard with(SelfSignedCertificate certificate) {
    return new KafkaGuard(
        new Login("admin", password()), new Login("visitor", password()), certificate);
  }

  /**
   * Letters and digits only: it has to pass through JAAS, a properties file and an environment
   * variable.
   */
  static String password() {
    byte[] random = new byte[12];
    new SecureRandom().nextBytes(random);
    return "pw" + HexFormat.of().formatHex(random);
  }

  /** The broker's own list of who may log in. */
  String jaas() {
    return "org.apache.kafka.common.security.plain.PlainLoginModule required user_%s=\"%s\" user_%s=\"%s\";"
        .formatted(admin.user(), admin.password(), visitor.user(), visitor.password());
  }

  BrokerSecurity at(String loginAddress, String tlsAddress) {
    return new BrokerSecurity(
        loginAddress, admin, visitor, tlsAddress, certificate.trustStore(), certificate.password());
  }

  @Override
  public String toString() {
    return "KafkaGuard[" + admin.user() + ", " + visitor.user() + "]";
  }
}
