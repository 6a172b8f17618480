package io.ollyscale.functions.flatten;

import io.ollyscale.schema.otlp.RefusalReason;

/**
 * Why a whole record is kept in quarantine.
 *
 * @param detail for people; may quote the record
 */
public record Refusal(RefusalReason reason, String detail) {}
