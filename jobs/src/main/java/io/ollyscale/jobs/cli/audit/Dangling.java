package io.ollyscale.jobs.cli.audit;

/**
 * Facts that name a dimension which has no row.
 *
 * @param facts the table
 * @param dimension the dimension's table
 */
public record Dangling(String facts, String dimension, long rows) {}
