package dev.isostream.conformance.brokers;

import java.nio.file.Path;

/**
 * The guarded doors of a broker started with security: one that asks for a name and a password, one
 * that speaks TLS. Immutable.
 *
 * @param loginAddress {@code host:port} where clients log in by name and password, unencrypted
 * @param admin may do everything
 * @param visitor is who it says, and may do nothing
 * @param tlsAddress {@code host:port} that speaks TLS and asks for no login; who comes this way may
 *     do everything
 * @param trustStore PKCS12 file with the broker's self-signed certificate; made anew for each
 *     broker
 * @param trustStorePassword opens {@code trustStore}
 */
public record BrokerSecurity(
    String loginAddress,
    Login admin,
    Login visitor,
    String tlsAddress,
    Path trustStore,
    String trustStorePassword) {

  /** A name and a password. Immutable; shows the name only. */
  public record Login(String user, String password) {
    @Override
    public String toString() {
      return "Login[user=" + user + "]";
    }
  }

  @Override
  public String toString() {
    return "BrokerSecurity[login=" + loginAddress + ", tls=" + tlsAddress + "]";
  }
}
