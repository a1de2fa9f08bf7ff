package dev.isostream.benchmarks.kinesis;

import java.util.concurrent.atomic.AtomicLong;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequest;

/**
 * Counts what is put by any client of this JVM; the SDK finds it by a file on the class path.
 * Thread-safe.
 */
public final class PutCounter implements ExecutionInterceptor {
  private static final AtomicLong REQUESTS = new AtomicLong();
  private static final AtomicLong RECORDS = new AtomicLong();

  /** Made by the SDK. */
  public PutCounter() {}

  static void reset() {
    REQUESTS.set(0);
    RECORDS.set(0);
  }

  static long requests() {
    return REQUESTS.get();
  }

  static long records() {
    return RECORDS.get();
  }

  @Override
  public void beforeTransmission(
      Context.BeforeTransmission context, ExecutionAttributes executionAttributes) {
    if (context.request() instanceof PutRecordsRequest put) {
      REQUESTS.incrementAndGet();
      RECORDS.addAndGet(put.records().size());
    }
  }
}
