/** OTLP input for tests, good and bad, and a reader of what the encoder makes of it. */
package io.ollyscale.schema.testing;
