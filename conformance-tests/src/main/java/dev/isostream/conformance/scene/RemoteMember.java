package dev.isostream.conformance.scene;

import dev.isostream.Messaging;
import dev.isostream.MessagingBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The far end of a {@link Worker}: first its connection's properties, then what to do. */
public final class RemoteMember {

  private RemoteMember() {}

  /** Reads {@code property name value} lines, {@code connect}, and then obeys. */
  public static void run(InputStream in, PrintStream out) throws IOException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    MessagingBuilder builder = Messaging.builder();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.equals("connect")) {
        obey(builder.open(), lines, out);
        return;
      }
      String[] words = line.split(" ", -1);
      builder.property(words[1], WorkerSpec.decode(words[2]));
    }
  }

  private static void obey(Messaging messaging, BufferedReader lines, PrintStream out)
      throws IOException {
    MemberProgram program =
        new MemberProgram(
            messaging,
            line -> {
              out.println(line);
              out.flush();
            });
    @Nullable String line = lines.readLine();
    while (line != null && program.obey(line)) {
      line = lines.readLine();
    }
  }
}
