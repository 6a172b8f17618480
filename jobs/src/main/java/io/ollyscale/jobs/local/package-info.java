/** Everything in one process: Kafka, PostgreSQL, and the job on a Flink mini cluster. */
package io.ollyscale.jobs.local;
