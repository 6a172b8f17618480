/** Questions to Kafka besides reading: lives of topics, ends of logs, truncation. */
package io.ollyscale.functions.kafka;
