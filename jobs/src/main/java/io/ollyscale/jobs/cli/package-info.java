/**
 * The command line: what a person types, and what they read when it fails. Knows the store's tables and Kafka's topics,
 * not how the job writes them. {@link io.ollyscale.jobs.cli.Ollyscale} is the entry.
 */
package io.ollyscale.jobs.cli;
