package dev.isostream.conformance.brokers;

import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

/**
 * What a {@link ChildJvm} really runs: the main class that was asked for, under a {@link
 * ParentWatch}.
 */
final class ChildMain {
  private static final int PIPE_BYTES = 1 << 16;

  private ChildMain() {}

  /** {@code <main class> <its arguments>...} */
  public static void main(String[] args) throws Exception {
    InputStream parent = System.in;
    PipedInputStream piped = new PipedInputStream(PIPE_BYTES);
    System.setIn(piped);
    ParentWatch.start(parent, new PipedOutputStream(piped));
    String[] rest = new String[args.length - 1];
    System.arraycopy(args, 1, rest, 0, rest.length);
    Method main = Class.forName(args[0]).getDeclaredMethod("main", String[].class);
    main.setAccessible(true); // a test's nested class need not be public
    try {
      main.invoke(null, (Object) rest);
    } catch (InvocationTargetException thrown) {
      thrown.printStackTrace();
      System.exit(1);
    }
  }
}
