package io.ollyscale.jobs.cli.audit;

import java.time.Instant;

/**
 * A measure in which a rollup isn't what the facts say.
 *
 * @param rollup the view: operation_minutes and its like
 * @param window its begin; null for spans without a start
 * @param service its name; null where it has none, or isn't known
 * @param operationId null for a service as a whole
 * @param operation its name; null for a service as a whole, or where it isn't known
 * @param expected by the facts; null where they have no such row
 * @param actual by the rollups; null where they have no such row
 */
public record Difference(
        String rollup,
        Instant window,
        long serviceId,
        String service,
        Long operationId,
        String operation,
        String measure,
        String expected,
        String actual) {}
