/** Records as Kafka has them, and where a job without state begins to read them. */
package io.ollyscale.functions.source;
