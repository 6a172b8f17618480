package io.ollyscale.jobs.export;

/**
 * What an export has written.
 *
 * @param units spans, log records or data points
 * @param notWhole those of them without a resource, scope, series or metric that they name and that isn't there
 * @param nansWithPayload NaNs that were written as another one
 * @param stopped whether somebody wanted no more of it
 */
public record ExportResult(long units, long messages, long notWhole, long nansWithPayload, boolean stopped) {}
