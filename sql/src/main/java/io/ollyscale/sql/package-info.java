/**
 * The PostgreSQL schema: Flyway migrations as resources, and what applies and checks them. Knows nothing of telemetry or
 * Flink; whoever writes to the tables depends on this package, never the other way round.
 */
package io.ollyscale.sql;
