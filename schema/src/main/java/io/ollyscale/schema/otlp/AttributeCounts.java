package io.ollyscale.schema.otlp;

/** What became of a record's attributes, for metrics and for {@code policy_dropped_count}. */
final class AttributeCounts {
    long dropped;
    long duplicated;
}
