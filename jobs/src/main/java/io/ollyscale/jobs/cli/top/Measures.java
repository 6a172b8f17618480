package io.ollyscale.jobs.cli.top;

/**
 * Of some spans within the window. Durations are in nanoseconds, quantiles to 1 %.
 *
 * @param p50 the median; null where there are no spans, as the others
 * @param max the longest, exactly
 */
public record Measures(long spans, long errors, Double p50, Double p95, Double p99, Double max) {

    static final Measures NONE = new Measures(0, 0, null, null, null, null);
}
