/**
 * OTLP records to rows: decoding that trusts nothing, the attribute tiers, and the rows of each signal. What can't be
 * stored is refused with a reason, never changed.
 */
package io.ollyscale.schema.otlp;
