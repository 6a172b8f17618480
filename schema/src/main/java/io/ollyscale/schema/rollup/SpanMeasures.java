package io.ollyscale.schema.rollup;

import java.util.Arrays;

/**
 * What rollups need of each span of a record, in the order of the spans. Kept by span and not summed up, because a part of the
 * record may go to quarantine: rollups count what is stored.
 *
 * @param operationIds of each span
 * @param serviceIds of each span
 * @param resourceIds of each span
 * @param durations in nanoseconds; {@link #INVALID} where it counts as 0: the start or the end is unset, the end lies before the
 *     start, or 2<sup>63</sup> ns and more behind it
 * @param minutes of the start since 1970; {@link #NO_MINUTE} where it is unset
 * @param kinds as they came
 * @param errors whether the status is ERROR
 * @param adjustedCounts how many spans each stands for; empty where all stand for themselves
 */
public record SpanMeasures(
        long[] operationIds,
        long[] serviceIds,
        long[] resourceIds,
        long[] durations,
        int[] minutes,
        int[] kinds,
        boolean[] errors,
        double[] adjustedCounts) {

    /** Of a record without spans. */
    public static final SpanMeasures NONE = new SpanMeasures(
            new long[0], new long[0], new long[0], new long[0], new int[0], new int[0], new boolean[0], new double[0]);

    static final long INVALID = -1;
    static final int NO_MINUTE = -1;
    static final long NANOS_OF_A_MINUTE = 60_000_000_000L;

    /** Of memory. */
    public static final int BYTES_OF_A_SPAN = 4 * Long.BYTES + 2 * Integer.BYTES + 1;

    /** Roughly, in bytes. */
    public long memory() {
        return (long) BYTES_OF_A_SPAN * operationIds.length + (long) Double.BYTES * adjustedCounts.length;
    }

    double adjustedCount(int span) {
        return adjustedCounts.length == 0 ? 1 : adjustedCounts[span];
    }

    /** Gathers the spans of a record. Not thread-safe. */
    public static final class Builder {
        private long[] operationIds = new long[64];
        private long[] serviceIds = new long[64];
        private long[] resourceIds = new long[64];
        private long[] durations = new long[64];
        private int[] minutes = new int[64];
        private int[] kinds = new int[64];
        private boolean[] errors = new boolean[64];
        private double[] adjustedCounts = new double[0];
        private int spans;

        /**
         * @param start unsigned nanoseconds since 1970; 0 where unset
         * @param end likewise
         * @param traceState W3C's; empty where unset
         */
        public void add(
                long operationId,
                long serviceId,
                long resourceId,
                int kind,
                boolean isError,
                long start,
                long end,
                String traceState) {
            if (spans == operationIds.length) {
                grow();
            }
            operationIds[spans] = operationId;
            serviceIds[spans] = serviceId;
            resourceIds[spans] = resourceId;
            durations[spans] = duration(start, end);
            minutes[spans] = start == 0 ? NO_MINUTE : (int) Long.divideUnsigned(start, NANOS_OF_A_MINUTE);
            kinds[spans] = kind;
            errors[spans] = isError;
            if (!traceState.isEmpty()) {
                adjust(AdjustedCount.of(traceState));
            } else if (adjustedCounts.length > 0) {
                adjustedCounts[spans] = 1;
            }
            spans++;
        }

        public SpanMeasures build() {
            return spans == 0
                    ? NONE
                    : new SpanMeasures(
                            Arrays.copyOf(operationIds, spans),
                            Arrays.copyOf(serviceIds, spans),
                            Arrays.copyOf(resourceIds, spans),
                            Arrays.copyOf(durations, spans),
                            Arrays.copyOf(minutes, spans),
                            Arrays.copyOf(kinds, spans),
                            Arrays.copyOf(errors, spans),
                            adjustedCounts.length == 0 ? adjustedCounts : Arrays.copyOf(adjustedCounts, spans));
        }

        private static long duration(long start, long end) {
            if (start == 0 || Long.compareUnsigned(end, start) < 0) {
                return INVALID;
            }
            return Math.max(INVALID, end - start);
        }

        private void adjust(double count) {
            if (adjustedCounts.length == 0) {
                if (count == 1) {
                    return;
                }
                adjustedCounts = new double[operationIds.length];
                Arrays.fill(adjustedCounts, 0, spans, 1);
            }
            adjustedCounts[spans] = count;
        }

        private void grow() {
            int capacity = spans * 2;
            operationIds = Arrays.copyOf(operationIds, capacity);
            serviceIds = Arrays.copyOf(serviceIds, capacity);
            resourceIds = Arrays.copyOf(resourceIds, capacity);
            durations = Arrays.copyOf(durations, capacity);
            minutes = Arrays.copyOf(minutes, capacity);
            kinds = Arrays.copyOf(kinds, capacity);
            errors = Arrays.copyOf(errors, capacity);
            if (adjustedCounts.length > 0) {
                adjustedCounts = Arrays.copyOf(adjustedCounts, capacity);
            }
        }
    }
}
