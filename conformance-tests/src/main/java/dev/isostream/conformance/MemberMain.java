package dev.isostream.conformance;

import dev.isostream.conformance.scene.RemoteMember;
import java.io.IOException;

/** A member in a JVM of its own, to be killed; told what to do on its standard input. */
public final class MemberMain {

  private MemberMain() {}

  /** Runs until its standard input ends or it is told to close. */
  public static void main(String[] args) throws IOException {
    RemoteMember.run(System.in, System.out);
  }
}
