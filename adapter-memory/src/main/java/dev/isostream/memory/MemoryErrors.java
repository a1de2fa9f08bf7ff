package dev.isostream.memory;

import dev.isostream.spi.DriverException;
import dev.isostream.spi.ErrorKind;
import org.jspecify.annotations.Nullable;

/** The failures that this broker knows, in words. Stateless. */
final class MemoryErrors {

  private MemoryErrors() {}

  static DriverException unreachable(String broker) {
    return of(ErrorKind.UNAVAILABLE, "The memory broker \"" + broker + "\" is not reachable");
  }

  static DriverException noAnswer(String broker) {
    return of(
        ErrorKind.UNAVAILABLE,
        "The memory broker \"" + broker + "\" did not answer within the request timeout");
  }

  static DriverException closed(String broker) {
    return of(ErrorKind.CLOSED, "The connection to the memory broker \"" + broker + "\" is closed");
  }

  static DriverException badCredentials(String broker, @Nullable String user) {
    return of(
        ErrorKind.AUTHENTICATION,
        user == null
            ? "The memory broker \"" + broker + "\" wants memory.user and memory.password"
            : "The memory broker \"" + broker + "\" refuses the credentials of user " + user);
  }

  static DriverException forbidden(String user, String topic) {
    return of(ErrorKind.AUTHORIZATION, "User " + user + " may not use topic " + topic);
  }

  static DriverException noSecureConnection(String broker) {
    return of(
        ErrorKind.SECURE_CONNECTION,
        "The memory broker \"" + broker + "\" was told to take TLS connections only");
  }

  static DriverException noTopic(String topic) {
    return of(ErrorKind.TOPIC_NOT_FOUND, "There is no topic " + topic);
  }

  static DriverException noGroup(String topic, String group) {
    return of(ErrorKind.GROUP_NOT_FOUND, "Topic " + topic + " has no group " + group);
  }

  static DriverException groupActive(String topic, String group) {
    return of(
        ErrorKind.GROUP_ACTIVE, "Group " + group + " of topic " + topic + " has live members");
  }

  static DriverException topicExists(String topic) {
    return of(ErrorKind.ALREADY_EXISTS, "There is a topic " + topic + " already");
  }

  static DriverException tooLarge(int bytes, int limit) {
    return of(
        ErrorKind.TOO_LARGE,
        "The message has " + bytes + " B; the broker takes " + limit + " B at most");
  }

  static DriverException cursorTooLarge(int bytes, int limit) {
    return of(
        ErrorKind.TOO_LARGE,
        "The cursor's state has " + bytes + " B; the broker takes " + limit + " B at most");
  }

  static DriverException fenced(String lane) {
    return of(ErrorKind.FENCED, "Partition " + lane + " belongs to another member by now");
  }

  static DriverException invalid(String what) {
    return of(ErrorKind.INVALID, what);
  }

  private static DriverException of(ErrorKind kind, String message) {
    return new DriverException(kind, message, null);
  }
}
