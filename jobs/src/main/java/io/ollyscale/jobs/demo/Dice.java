package io.ollyscale.jobs.demo;

/**
 * Seeded randomness (SplitMix64). Unlike the JDK's bounded and Gaussian draws it is the same on every version of Java. Not
 * thread-safe.
 */
final class Dice {
    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;
    private static final double TO_UNIT = 0x1.0p-53;
    private static final double STANDARD_DEVIATION_OF_FOUR = 1 / StrictMath.sqrt(3);

    private long state;

    Dice(long seed) {
        state = seed;
    }

    /** Goes on as new dice with that seed would. */
    void reseed(long seed) {
        state = seed;
    }

    long next() {
        state += GOLDEN_GAMMA;
        return mix(state);
    }

    /** @return from 0 to below the bound, which is positive */
    int below(int bound) {
        return scaled(next(), bound);
    }

    boolean chance(double probability) {
        return unit(next()) < probability;
    }

    /** Nearly the standard normal distribution, and never further out than 3.5. */
    double gaussian() {
        long bits = next();
        long sum = (bits & 0xffff) + (bits >>> 16 & 0xffff) + (bits >>> 32 & 0xffff) + (bits >>> 48);
        return (sum / 65_536.0 - 2) / STANDARD_DEVIATION_OF_FOUR;
    }

    /** A bijection that leaves no trace of order: two different numbers never become one. */
    static long mix(long number) {
        long z = number;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /** Random bits as a number from 0 to below the bound. */
    static int scaled(long bits, int bound) {
        return (int) ((bits >>> 32) * bound >>> 32);
    }

    /** Random bits as a number from 0 to below 1. */
    static double unit(long bits) {
        return (bits >>> 11) * TO_UNIT;
    }
}
