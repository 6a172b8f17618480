package io.ollyscale.faults.fuzz;

import io.ollyscale.schema.otlp.RefusalReason;

/**
 * What became of a message.
 *
 * @param refused why it is quarantined; null if it is stored
 * @param units that are stored
 * @param newer whether it has fields that this release doesn't know
 */
record Outcome(RefusalReason refused, int units, boolean newer) {}
