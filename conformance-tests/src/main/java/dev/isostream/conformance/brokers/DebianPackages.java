package dev.isostream.conformance.brokers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Debian's packages: fetched and unpacked into a directory without being installed, so that nothing
 * is started and nothing of the system changes; or, where they are too many for that, installed.
 */
final class DebianPackages {
  private static final long COMMAND_SECONDS = 300;

  /** What is to be done to the files before anybody sees them. */
  interface Preparation {

    /**
     * Prepares them.
     *
     * @param making where they are now
     * @param root where they are going to be
     */
    void prepare(Path making, Path root) throws IOException;
  }

  private DebianPackages() {}

  /**
   * Unpacks them into a directory that is not there yet; it appears with all that is in it, at
   * once. Harmless where another process does the same.
   *
   * <p>Blocks: while they are fetched.
   */
  static synchronized void unpack(List<String> names, Path root, Preparation preparation)
      throws IOException {
    Path making = root.resolveSibling(root.getFileName() + "-" + ProcessHandle.current().pid());
    try {
      Path files = Files.createDirectories(making.resolve("packages"));
      fetch(names, files);
      try (Stream<Path> all = Files.list(files)) {
        for (Path file : all.filter(each -> each.toString().endsWith(".deb")).toList()) {
          run(making, List.of("dpkg", "-x", file.toString(), making.toString()));
        }
      }
      WorkDirectory.delete(files);
      preparation.prepare(making, root);
      Files.move(making, root);
    } catch (IOException failed) {
      if (!Files.isDirectory(root)) { // else another process was faster
        throw failed;
      }
    } finally {
      WorkDirectory.delete(making);
    }
  }

  /**
   * Installs them; only root may.
   *
   * <p>Blocks: while they are fetched, and while another process installs something.
   */
  static synchronized void install(List<String> names) throws IOException {
    Path anywhere = Path.of(System.getProperty("java.io.tmpdir"));
    List<String> install =
        new ArrayList<>(
            List.of("apt-get", "install", "--yes", "--no-install-recommends", "--quiet"));
    install.addAll(List.of("-o", "DPkg::Lock::Timeout=" + COMMAND_SECONDS));
    install.addAll(names);
    get(anywhere, install);
  }

  private static void fetch(List<String> names, Path files) throws IOException {
    List<String> download = new ArrayList<>(List.of("apt-get", "download"));
    download.addAll(names);
    get(files, download);
  }

  private static void get(Path directory, List<String> command) throws IOException {
    try {
      run(directory, command);
    } catch (IOException stale) {
      // a fresh machine has no list of packages yet
      run(directory, List.of("apt-get", "update"));
      run(directory, command);
    }
  }

  private static void run(Path directory, List<String> command) throws IOException {
    Path output = Files.createTempFile(directory, "output", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("DEBIAN_FRONTEND", "noninteractive");
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException(
            "'"
                + String.join(" ", command)
                + "' failed: "
                + Files.readString(output, StandardCharsets.UTF_8).strip());
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted in '" + String.join(" ", command) + "'", interrupted);
    } finally {
      process.destroyForcibly();
      Files.deleteIfExists(output);
    }
  }
}
