/** Positions of Kafka's partitions in PostgreSQL, which move only with the data. */
package io.ollyscale.functions.ledger;
