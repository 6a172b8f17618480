package io.ollyscale.functions.dimensions;

/**
 * What the registry's state remembers of a dimension.
 *
 * @param at processing time in milliseconds since 1970
 * @param policyVersion of the attribute policy that it was written by
 */
public record LastWrite(long at, long policyVersion) {}
