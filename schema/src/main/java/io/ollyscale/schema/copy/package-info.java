/**
 * Rows as PostgreSQL's binary COPY takes them (<a
 * href="https://www.postgresql.org/docs/18/sql-copy.html">sql-copy, "Binary Format"</a>): encoding, and the stamping of
 * row ids that are known only when a transaction begins. Knows bytes and columns, not telemetry.
 */
package io.ollyscale.schema.copy;
