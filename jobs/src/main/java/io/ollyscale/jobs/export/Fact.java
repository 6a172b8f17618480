package io.ollyscale.jobs.export;

/**
 * A fact that isn't complete yet.
 *
 * @param ownerId the series of a data point, else the resource
 * @param scopeId 0 for a data point
 */
record Fact<B>(B builder, long ownerId, long scopeId) {}
