/** Where the store stands, as {@code ollyscale status} says it: read from PostgreSQL and Kafka, nothing is changed. */
package io.ollyscale.jobs.cli.status;
