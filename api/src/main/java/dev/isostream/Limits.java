package dev.isostream;

import java.time.Duration;
import java.util.Objects;

/**
 * The numbers in which a backend differs from others; declared by its adapter, enforced with a
 * clear error, documented on its page. Behaviour never differs. Immutable.
 */
public final class Limits {

  /** Who sets the timestamp of a message (contract R4). */
  public enum TimestampSource {
    /** The broker, when it stores the message. */
    BROKER,
    /** The sender, when it sends. */
    SENDER
  }

  private final int maxMessageBytes;
  private final int maxKeyBytes;
  private final int openWindow;
  private final int duplicateWindow;
  private final Duration groupRetention;
  private final Duration failoverTime;
  private final Duration reconnectTime;
  private final Duration ackLossOnBrokerCrash;
  private final TimestampSource timestampSource;

  private Limits(Builder builder) {
    this.maxMessageBytes = builder.maxMessageBytes;
    this.maxKeyBytes = builder.maxKeyBytes;
    this.openWindow = builder.openWindow;
    this.duplicateWindow = builder.duplicateWindow;
    this.groupRetention = builder.groupRetention;
    this.failoverTime = builder.failoverTime;
    this.reconnectTime = builder.reconnectTime;
    this.ackLossOnBrokerCrash = builder.ackLossOnBrokerCrash;
    this.timestampSource = builder.timestampSource;
  }

  /** Starts with nothing refused and no loss. */
  public static Builder builder() {
    return new Builder();
  }

  /** The most bytes of payload, key and headers together that a sender may use. */
  public int maxMessageBytes() {
    return maxMessageBytes;
  }

  /** The longest key, in bytes. */
  public int maxKeyBytes() {
    return maxKeyBytes;
  }

  /** How many messages of a partition may be open, or settled behind an open one (contract D4). */
  public int openWindow() {
    return openWindow;
  }

  /**
   * How many messages back in a partition a second copy of a sent message is still left out by a
   * receiver that starts in mid-stream; 0 where the store itself refuses copies (contract P4).
   */
  public int duplicateWindow() {
    return duplicateWindow;
  }

  /** How long a group lasts without members (contract G2). */
  public Duration groupRetention() {
    return groupRetention;
  }

  /** Within which a dead member is replaced (contract G5, G6). */
  public Duration failoverTime() {
    return failoverTime;
  }

  /** Within which work goes on after the broker is reachable again (contract F5). */
  public Duration reconnectTime() {
    return reconnectTime;
  }

  /** How recent a confirmed ack may be to be lost by a crash of the broker (contract D3). */
  public Duration ackLossOnBrokerCrash() {
    return ackLossOnBrokerCrash;
  }

  /** Who sets timestamps. */
  public TimestampSource timestampSource() {
    return timestampSource;
  }

  @Override
  public String toString() {
    return "Limits[maxMessageBytes="
        + maxMessageBytes
        + ", maxKeyBytes="
        + maxKeyBytes
        + ", openWindow="
        + openWindow
        + ", duplicateWindow="
        + duplicateWindow
        + ", groupRetention="
        + groupRetention
        + ", failoverTime="
        + failoverTime
        + ", reconnectTime="
        + reconnectTime
        + ", ackLossOnBrokerCrash="
        + ackLossOnBrokerCrash
        + ", timestampSource="
        + timestampSource
        + "]";
  }

  /** Collects the numbers. Confined to one thread. */
  public static final class Builder {
    private int maxMessageBytes = Integer.MAX_VALUE;
    private int maxKeyBytes = Integer.MAX_VALUE;
    private int openWindow = 10_000;
    private int duplicateWindow;
    private Duration groupRetention = Duration.ofDays(7);
    private Duration failoverTime = Duration.ofSeconds(45);
    private Duration reconnectTime = Duration.ofSeconds(10);
    private Duration ackLossOnBrokerCrash = Duration.ZERO;
    private TimestampSource timestampSource = TimestampSource.BROKER;

    private Builder() {}

    /** See {@link Limits#maxMessageBytes()}. */
    public Builder maxMessageBytes(int bytes) {
      this.maxMessageBytes = bytes;
      return this;
    }

    /** See {@link Limits#maxKeyBytes()}. */
    public Builder maxKeyBytes(int bytes) {
      this.maxKeyBytes = bytes;
      return this;
    }

    /** See {@link Limits#openWindow()}. */
    public Builder openWindow(int messages) {
      this.openWindow = messages;
      return this;
    }

    /** See {@link Limits#duplicateWindow()}. */
    public Builder duplicateWindow(int messages) {
      this.duplicateWindow = messages;
      return this;
    }

    /** See {@link Limits#groupRetention()}. */
    public Builder groupRetention(Duration time) {
      this.groupRetention = Objects.requireNonNull(time);
      return this;
    }

    /** See {@link Limits#failoverTime()}. */
    public Builder failoverTime(Duration time) {
      this.failoverTime = Objects.requireNonNull(time);
      return this;
    }

    /** See {@link Limits#reconnectTime()}. */
    public Builder reconnectTime(Duration time) {
      this.reconnectTime = Objects.requireNonNull(time);
      return this;
    }

    /** See {@link Limits#ackLossOnBrokerCrash()}. */
    public Builder ackLossOnBrokerCrash(Duration time) {
      this.ackLossOnBrokerCrash = Objects.requireNonNull(time);
      return this;
    }

    /** See {@link Limits#timestampSource()}. */
    public Builder timestampSource(TimestampSource source) {
      this.timestampSource = Objects.requireNonNull(source);
      return this;
    }

    /** The numbers as set. */
    public Limits build() {
      return new Limits(this);
    }
  }
}
