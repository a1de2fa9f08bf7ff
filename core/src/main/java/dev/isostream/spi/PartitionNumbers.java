package dev.isostream.spi;

/** Partitions that are named by their numbers, from 0. */
public final class PartitionNumbers {

  private PartitionNumbers() {}

  /**
   * The number that a name says.
   *
   * <p>Fails: {@link ErrorKind#INVALID} where it is no partition's name; it may come from a
   * position that was kept, or from a user.
   *
   * @param partitions how many the topic has, or {@link Integer#MAX_VALUE} where that is not known
   *     here
   */
  public static int of(String topic, String partition, int partitions) {
    try {
      int number = Integer.parseInt(partition);
      if (number >= 0 && number < partitions && Integer.toString(number).equals(partition)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new DriverException(
        ErrorKind.INVALID,
        "\""
            + partition
            + "\" is no partition of topic \""
            + topic
            + "\"; they are numbers from 0"
            + (partitions == Integer.MAX_VALUE ? "" : " to " + (partitions - 1))
            + ".",
        null);
  }
}
