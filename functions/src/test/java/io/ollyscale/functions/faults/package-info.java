/**
 * What becomes of the data when operators, Kafka, PostgreSQL and the people who run them fail: the job's real graph between a
 * real broker and a real PostgreSQL, and a checker that compares what was sent with the tables span by span.
 */
package io.ollyscale.functions.faults;
