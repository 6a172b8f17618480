/** The way back out of quarantine: rows are published to Kafka again, and whoever stores one deletes its row. */
package io.ollyscale.functions.quarantine;
