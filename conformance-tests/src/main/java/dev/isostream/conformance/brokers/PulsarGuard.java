package dev.isostream.conformance.brokers;

import dev.isostream.conformance.brokers.BrokerSecurity.Login;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The users and the certificate of one guarded Pulsar; a user's password is a token. Immutable;
 * shows no secret.
 *
 * @param key with which tokens are signed, in Base64
 */
record PulsarGuard(Login admin, Login visitor, SelfSignedCertificate certificate, String key) {

  /** Who comes without a token. */
  static final String ANONYMOUS = "anonymous";

  static PulsarGuard with(SelfSignedCertificate certificate) {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    return new PulsarGuard(
        new Login("admin", token("admin", key)),
        new Login("visitor", token("visitor", key)),
        certificate,
        Base64.getEncoder().encodeToString(key));
  }

  /** A JSON web token by HMAC and SHA-256. */
  private static String token(String subject, byte[] key) {
    String text = part("{\"alg\":\"HS256\"}") + "." + part("{\"sub\":\"" + subject + "\"}");
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return text + "." + base64(mac.doFinal(text.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static String part(String json) {
    return base64(json.getBytes(StandardCharsets.UTF_8));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  BrokerSecurity at(String loginAddress, String tlsAddress) {
    return new BrokerSecurity(
        loginAddress, admin, visitor, tlsAddress, certificate.trustStore(), certificate.password());
  }

  @Override
  public String toString() {
    return "PulsarGuard[" + admin.user() + ", " + visitor.user() + "]";
  }
}
