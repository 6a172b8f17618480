package io.ollyscale.schema.rollup;

import io.ollyscale.schema.copy.CopyBuffer;
import java.util.Arrays;

/** The spans of one operation that started in one minute, or whose start is unset. Not thread-safe. */
final class OperationMinute {
    private static final long MICROS_OF_A_MINUTE = SpanMeasures.NANOS_OF_A_MINUTE / 1_000;

    private final long operationId;
    private final long serviceId;
    private final int kind;
    private final int minute;
    private final DurationSum sum = new DurationSum();
    private final DurationSum errorSum = new DurationSum();
    private final DistinctIds resources = new DistinctIds();
    private long spans;
    private long errors;
    private long invalid;
    private long zeros;
    private long shortest = Long.MAX_VALUE;
    private long longest;
    private double adjusted;

    /** Ascending, with a count for each. */
    private int[] bins = new int[4];

    private long[] counts = new long[4];
    private int binCount;

    OperationMinute(long operationId, long serviceId, int kind, int minute) {
        this.operationId = operationId;
        this.serviceId = serviceId;
        this.kind = kind;
        this.minute = minute;
    }

    long operationId() {
        return operationId;
    }

    int minute() {
        return minute;
    }

    boolean is(long otherOperationId, int otherMinute) {
        return operationId == otherOperationId && minute == otherMinute;
    }

    void add(SpanMeasures of, int span) {
        long duration = of.durations()[span];
        spans++;
        adjusted += of.adjustedCount(span);
        resources.add(of.resourceIds()[span]);
        if (duration == SpanMeasures.INVALID) {
            invalid++;
            duration = 0;
        }
        shortest = Math.min(shortest, duration);
        longest = Math.max(longest, duration);
        sum.add(duration);
        if (of.errors()[span]) {
            errors++;
            errorSum.add(duration);
        }
        if (duration == 0) {
            zeros++;
        } else {
            count(DurationBins.of(duration));
        }
    }

    /** Puts the columns behind the id. */
    void write(CopyBuffer row) {
        if (minute == SpanMeasures.NO_MINUTE) {
            row.putNull();
        } else {
            row.putTimestampMicros(minute * MICROS_OF_A_MINUTE);
        }
        row.putLong(operationId);
        row.putLong(serviceId);
        row.putInt(kind);
        row.putLong(spans);
        row.putLong(errors);
        row.putLong(invalid);
        row.putDouble(adjusted);
        row.putNumeric(sum.value());
        row.putNumeric(errorSum.value());
        row.putLong(shortest);
        row.putLong(longest);
        row.putLong(zeros);
        row.beginIntArray(binCount);
        for (int i = 0; i < binCount; i++) {
            row.appendIntElement(bins[i]);
        }
        row.endVariable();
        row.beginLongArray(binCount);
        for (int i = 0; i < binCount; i++) {
            row.appendElement(counts[i]);
        }
        row.endVariable();
        long[] resourceIds = resources.sorted();
        row.beginLongArray(resourceIds.length);
        for (long id : resourceIds) {
            row.appendElement(id);
        }
        row.endVariable();
    }

    private void count(int bin) {
        int at = Arrays.binarySearch(bins, 0, binCount, bin);
        if (at < 0) {
            at = -at - 1;
            if (binCount == bins.length) {
                bins = Arrays.copyOf(bins, binCount * 2);
                counts = Arrays.copyOf(counts, binCount * 2);
            }
            System.arraycopy(bins, at, bins, at + 1, binCount - at);
            System.arraycopy(counts, at, counts, at + 1, binCount - at);
            bins[at] = bin;
            counts[at] = 0;
            binCount++;
        }
        counts[at]++;
    }
}
