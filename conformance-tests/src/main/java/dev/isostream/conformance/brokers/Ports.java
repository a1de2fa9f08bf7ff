package dev.isostream.conformance.brokers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Free ports that stay free while their broker is down.
 *
 * <p>They lie below the range from which systems take the local ports of outgoing connections. From
 * inside that range another connection could take a killed broker's port; worse, a client that
 * keeps calling it on the loopback would one day be given that very port as its own, and be
 * connected to itself.
 */
final class Ports {
  private static final int LOWEST = 12_000;
  private static final int BEYOND = 32_000;
  private static final int ATTEMPTS = 200;

  private Ports() {}

  /** As many different ports on which nothing listens now. */
  static List<Integer> free(int count) {
    Set<Integer> found = new LinkedHashSet<>();
    for (int attempt = 0; found.size() < count; attempt++) {
      if (attempt == ATTEMPTS) {
        throw new BrokerUnavailableException(
            "no free ports between " + LOWEST + " and " + BEYOND + " on this machine");
      }
      int port = ThreadLocalRandom.current().nextInt(LOWEST, BEYOND);
      if (isFree(port)) {
        found.add(port);
      }
    }
    return List.copyOf(found);
  }

  private static boolean isFree(int port) {
    return canListen(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
        // a container's port is published on every address
        && canListen(new InetSocketAddress(port));
  }

  private static boolean canListen(InetSocketAddress address) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(address, 1);
      return true;
    } catch (IOException taken) {
      return false;
    }
  }
}
