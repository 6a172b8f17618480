/** A PostgreSQL server, and a proxy in front of it, that fail in every way that real ones do. */
package io.ollyscale.faults.postgres;
