package io.ollyscale.benchmarks;

/**
 * The times of generated units, one after another.
 *
 * @param first of the first unit, in Unix nanoseconds
 * @param between one unit and the next, in nanoseconds
 */
record Clock(long first, long between) {

    /** Of the unit of this number, counted from 0. */
    long nanos(long number) {
        return first + number * between;
    }
}
