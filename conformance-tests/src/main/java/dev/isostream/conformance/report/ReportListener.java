package dev.isostream.conformance.report;

import java.nio.file.Path;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestPlan;

/**
 * Makes the report at the end of each run, from the parts of this and earlier JVMs. Found by JUnit
 * itself.
 */
public final class ReportListener implements TestExecutionListener {

  /** For JUnit. */
  public ReportListener() {}

  @Override
  public void testPlanExecutionFinished(TestPlan plan) {
    Path directory = ReportParts.directory();
    Report.merged(directory).ifPresent(report -> report.write(directory));
  }
}
