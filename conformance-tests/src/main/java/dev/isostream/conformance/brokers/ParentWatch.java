package dev.isostream.conformance.brokers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Runs in a child process and ends it when its parent is gone: the parent holds the other end of
 * its standard input, and whatever way the parent dies, the system closes that end.
 */
final class ParentWatch {
  private static final int PARENT_IS_GONE = 86;

  private ParentWatch() {}

  /** Reads the input, passes it on, and halts this process at its end. */
  static void start(InputStream input, OutputStream passOn) {
    Thread watch = new Thread(() -> watch(input, passOn), "parent-watch");
    watch.setDaemon(true);
    watch.start();
  }

  private static void watch(InputStream input, OutputStream passOn) {
    byte[] buffer = new byte[8192];
    try {
      for (int read = input.read(buffer); read >= 0; read = input.read(buffer)) {
        pass(buffer, read, passOn);
      }
    } catch (IOException broken) {
      // as good as its end
    }
    Runtime.getRuntime().halt(PARENT_IS_GONE);
  }

  private static void pass(byte[] buffer, int length, OutputStream passOn) {
    try {
      passOn.write(buffer, 0, length);
      passOn.flush();
    } catch (IOException unread) {
      // the thread that read the input has ended; the process goes on, and so does the watch
    }
  }
}
