package dev.isostream.conformance.brokers;

import dev.isostream.conformance.brokers.BrokerSecurity.Login;
import java.util.Map;

/**
 * The users and the certificate of guarded emulators, which check nothing themselves: what stands
 * in front of them verifies the signatures. Immutable; shows no secret.
 */
record KinesisGuard(Login admin, Login visitor, SelfSignedCertificate certificate) {

  static KinesisGuard with(SelfSignedCertificate certificate) {
    return new KinesisGuard(
        new Login("AKIAADMIN", KafkaGuard.password()),
        new Login("AKIAVISITOR", KafkaGuard.password()),
        certificate);
  }

  /** What the emulators themselves take. */
  static Map<String, String> anybody() {
    return Map.of(
        "kinesis.access.key.id", "anybody",
        "kinesis.secret.access.key", "anything");
  }

  /** What the launcher is told. */
  Map<String, String> environment(int loginPort, int tlsPort) {
    return Map.of(
        "EMULATORS_LOGIN_PORT", Integer.toString(loginPort),
        "EMULATORS_TLS_PORT", Integer.toString(tlsPort),
        "EMULATORS_KEY_STORE", certificate.keyStore().toString(),
        "EMULATORS_KEY_STORE_PASSWORD", certificate.password(),
        "EMULATORS_ADMIN", admin.user(),
        "EMULATORS_ADMIN_SECRET", admin.password(),
        "EMULATORS_VISITOR", visitor.user(),
        "EMULATORS_VISITOR_SECRET", visitor.password());
  }

  BrokerSecurity at(String loginAddress, String tlsAddress) {
    return new BrokerSecurity(
        loginAddress, admin, visitor, tlsAddress, certificate.trustStore(), certificate.password());
  }

  @Override
  public String toString() {
    return "KinesisGuard[" + admin.user() + ", " + visitor.user() + "]";
  }
}
