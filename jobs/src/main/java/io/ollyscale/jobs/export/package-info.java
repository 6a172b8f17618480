/**
 * OTLP out of the tables: reads facts in the order of their ids and rebuilds the messages that they came in. Knows neither the
 * command line nor Kafka.
 */
package io.ollyscale.jobs.export;
