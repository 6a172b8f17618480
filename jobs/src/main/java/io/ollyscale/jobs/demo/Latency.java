package io.ollyscale.jobs.demo;

/**
 * How long something takes: log-normally distributed, and one time in a hundred several times as long.
 *
 * @param medianNanos of the body
 * @param sigma of the logarithm: 0.3 is steady, 0.7 is erratic
 */
record Latency(double medianNanos, double sigma) {
    private static final double STRAGGLERS = 0.01;

    static Latency millis(double median, double sigma) {
        return new Latency(median * 1e6, sigma);
    }

    /** @return nanoseconds, at least 1 */
    long draw(Dice dice) {
        // Math.exp may differ between platforms in its last bit.
        double nanos = medianNanos * StrictMath.exp(sigma * dice.gaussian());
        if (dice.chance(STRAGGLERS)) {
            nanos *= 3 + dice.below(6);
        }
        return Math.max(1, (long) nanos);
    }
}
