/**
 * What the demo's processes have of a metrics SDK: instruments, series, the five kinds of aggregation, and exemplars. It
 * knows OTLP and nothing of the shop, and gives the same messages for the same measurements, which a real SDK with its
 * own clock and random exemplars doesn't.
 *
 * <pre>
 *   Meter (scope) ─► Instrument (name, unit, temporality) ─► Series (attributes): Number, Histogram, …
 * </pre>
 */
package io.ollyscale.jobs.demo.metrics;
