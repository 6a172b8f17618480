package io.ollyscale.jobs;

import io.ollyscale.schema.otlp.Signal;

/** The uid of every operator. State is found by them, so none may ever change. */
final class Uids {
    static final String DIMENSION_REGISTRY = "dimension-registry";
    static final String DIMENSION_SINK = "dimension-sink";
    static final String CLOCK = "clock";
    static final String MAINTENANCE = "maintenance";
    static final String MAINTENANCE_END = "maintenance-end";

    private Uids() {}

    static String source(Signal signal) {
        return signal + "-source";
    }

    static String flatten(Signal signal) {
        return signal + "-flatten";
    }

    static String sink(Signal signal) {
        return signal + "-sink";
    }
}
