package dev.isostream.conformance.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestPlan;

/**
 * Makes the report at the end of each run, from the parts of this and other JVMs, of which several
 * may end at once: the last one finds all parts. Found by JUnit itself.
 */
public final class ReportListener implements TestExecutionListener {

  private static final Logger LOG = System.getLogger(ReportListener.class.getName());

  /** For JUnit. */
  public ReportListener() {}

  @Override
  public void testPlanExecutionFinished(TestPlan plan) {
    Path directory = ReportParts.directory();
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (FileChannel file =
            FileChannel.open(
                directory.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = file.lock()) {
      LOG.log(Level.DEBUG, "The report is made under {0}", lock);
      Report.merged(directory).ifPresent(report -> report.write(directory));
    } catch (IOException e) {
      throw new UncheckedIOException("can't lock the report in " + directory, e);
    }
  }
}
