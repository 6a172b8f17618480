/** The sink that stores row batches exactly once. Knows tables and positions, not telemetry. */
package io.ollyscale.functions.sink;
