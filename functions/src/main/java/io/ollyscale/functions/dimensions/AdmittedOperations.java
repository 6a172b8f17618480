package io.ollyscale.functions.dimensions;

/**
 * How many operations of a service the registry's state has.
 *
 * @param count at most; some may have expired since they were counted
 * @param countedAt processing time in milliseconds since 1970, when they were last counted one by one
 */
public record AdmittedOperations(int count, long countedAt) {}
