package io.ollyscale.jobs;

/** The uid of every operator. State is found by them, so none may ever change. */
final class Uids {
    static final String TRACES_SOURCE = "traces-source";
    static final String TRACES_FLATTEN = "traces-flatten";
    static final String TRACES_SINK = "traces-sink";
    static final String DIMENSION_REGISTRY = "dimension-registry";
    static final String DIMENSION_SINK = "dimension-sink";
    static final String CLOCK = "clock";
    static final String MAINTENANCE = "maintenance";
    static final String MAINTENANCE_END = "maintenance-end";

    private Uids() {}
}
