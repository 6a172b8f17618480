package io.ollyscale.jobs.demo;

/** Something that a process measures with instruments of its own. */
interface Measured {

    /** A step of the process is over. */
    default void record(Step step) {}

    /** Metrics are about to be collected. */
    default void observe(Observation observation) {}
}
