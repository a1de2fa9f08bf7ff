package dev.isostream.memory;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Who may connect and use what. Everyone may do everything until there is a user. Thread-safe. */
final class MemorySecurity {

  private record Ban(String user, String topic) {}

  private final String broker;
  private final Map<String, String> passwords = new ConcurrentHashMap<>();
  private final Set<Ban> bans = ConcurrentHashMap.newKeySet();
  private volatile boolean secureOnly;

  MemorySecurity(String broker) {
    this.broker = broker;
  }

  void addUser(String user, String password) {
    passwords.put(user, password);
  }

  void forbid(String user, String topic) {
    bans.add(new Ban(user, topic));
  }

  void allow(String user, String topic) {
    bans.remove(new Ban(user, topic));
  }

  void secureOnly(boolean only) {
    secureOnly = only;
  }

  void authenticate(MemoryConfig config) {
    if (secureOnly) {
      throw MemoryErrors.noSecureConnection(broker);
    }
    if (passwords.isEmpty()) {
      return;
    }
    String user = config.user();
    String password = config.password();
    if (user == null || password == null || !password.equals(passwords.get(user))) {
      throw MemoryErrors.badCredentials(broker, user);
    }
  }

  boolean permits(MemoryConfig config, String topic) {
    String user = config.user();
    return bans.isEmpty() || user == null || !bans.contains(new Ban(user, topic));
  }

  void authorize(MemoryConfig config, String topic) {
    if (!permits(config, topic)) {
      throw MemoryErrors.forbidden(String.valueOf(config.user()), topic);
    }
  }
}
