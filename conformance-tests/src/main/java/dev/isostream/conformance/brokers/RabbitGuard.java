package dev.isostream.conformance.brokers;

import dev.isostream.conformance.brokers.BrokerSecurity.Login;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;

/** The users and the certificate of one guarded RabbitMQ. Immutable; shows no secret. */
record RabbitGuard(Login admin, Login visitor, SelfSignedCertificate certificate) {

  static RabbitGuard with(SelfSignedCertificate certificate) {
    return new RabbitGuard(
        new Login("admin", KafkaGuard.password()),
        new Login("visitor", KafkaGuard.password()),
        certificate);
  }

  /** Users, and what they may do, as the broker reads it when it starts. */
  static String definitions(RabbitGuard guard) {
    return "{\"users\":["
        + user("guest", "guest", "administrator")
        + ","
        + user(guard.admin.user(), guard.admin.password(), "administrator")
        + ","
        + user(guard.visitor.user(), guard.visitor.password(), "")
        + "],\"vhosts\":[{\"name\":\"/\"}],\"permissions\":["
        + permission("guest", ".*")
        + ","
        + permission(guard.admin.user(), ".*")
        + ","
        + permission(guard.visitor.user(), "^$")
        + "]}";
  }

  private static String user(String name, String password, String tags) {
    return "{\"name\":\""
        + name
        + "\",\"password_hash\":\""
        + hash(password)
        + "\",\"hashing_algorithm\":\"rabbit_password_hashing_sha256\",\"tags\":\""
        + tags
        + "\"}";
  }

  private static String permission(String user, String pattern) {
    return "{\"user\":\"%s\",\"vhost\":\"/\",\"configure\":\"%s\",\"write\":\"%s\",\"read\":\"%s\"}"
        .formatted(user, pattern, pattern, pattern);
  }

  /** Four random bytes, and the digest of them with the password behind. */
  private static String hash(String password) {
    byte[] salt = new byte[4];
    new SecureRandom().nextBytes(salt);
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(salt);
      byte[] hashed = digest.digest(password.getBytes(StandardCharsets.UTF_8));
      byte[] all = new byte[salt.length + hashed.length];
      System.arraycopy(salt, 0, all, 0, salt.length);
      System.arraycopy(hashed, 0, all, salt.length, hashed.length);
      return Base64.getEncoder().encodeToString(all);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  BrokerSecurity at(String loginAddress, String tlsAddress) {
    return new BrokerSecurity(
        loginAddress, admin, visitor, tlsAddress, certificate.trustStore(), certificate.password());
  }

  @Override
  public String toString() {
    return "RabbitGuard[" + admin.user() + ", " + visitor.user() + "]";
  }
}
