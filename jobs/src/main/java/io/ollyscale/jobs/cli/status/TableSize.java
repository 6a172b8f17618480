package io.ollyscale.jobs.cli.status;

/**
 * A table, its partitions together.
 *
 * @param exact whether the rows were counted
 * @param bytes on disk, with indexes
 */
public record TableSize(String name, long rows, boolean exact, long bytes) {}
