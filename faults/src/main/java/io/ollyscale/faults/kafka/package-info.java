/** The Kafka broker as a process that can be killed, and whose log can lose its end. */
package io.ollyscale.faults.kafka;
