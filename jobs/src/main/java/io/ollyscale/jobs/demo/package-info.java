/**
 * Demo traffic: a shop whose traces, logs and metrics look like a real system's, for local mode and for benchmarks.
 *
 * <pre>
 *                                              ┌─► SpanRendering ─► TracesBatch ─┐
 *   Schedule ─► Storyteller ─► Story of Steps ─┼─► StepLogs ──────► LogsBatch ───┼─► DemoRecord ─► DemoTraffic ─► Kafka
 *                   ▲                          └─► Processes ─► ProcessMetrics ──┘
 *   Traffic (what is asked for) · Operation (what services do, in tables) · Fleet (who does it)
 * </pre>
 *
 * The tables are {@code Frontend}, {@code Discovery}, {@code Ordering}, {@code Payment} and {@code Fulfilment}; {@code
 * Service} says what runs where and in which versions. A request's story is told once, by what happened in it; rendering
 * it draws nothing at random, so that logs and metrics are rendered from the same story and agree with the spans: a log
 * is in a span that is told, and a server's histogram has counted just the spans that were told before it was exported.
 * {@link io.ollyscale.jobs.demo.DemoShop} is all of it but the clock and Kafka.
 */
package io.ollyscale.jobs.demo;
