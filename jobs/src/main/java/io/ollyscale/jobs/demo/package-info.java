/**
 * Demo traffic: a shop whose traces look like a real system's, for local mode and for benchmarks.
 *
 * <pre>
 *   Schedule ─► Storyteller ─► Story of Steps ─► SpanRendering ─► TracesBatch ─► DemoRecord ─► DemoTraffic ─► Kafka
 *                   ▲
 *   Traffic (what is asked for) · Operation (what services do, in tables) · Fleet (who does it)
 * </pre>
 *
 * The tables are {@code Frontend}, {@code Discovery}, {@code Ordering}, {@code Payment} and {@code Fulfilment}; {@code
 * Service} says what runs where and in which versions. A request's story is told once, by what happened in it; rendering
 * it draws nothing at random, so that another signal can be rendered from the same story and agrees with the spans.
 * {@link io.ollyscale.jobs.demo.DemoShop} is all of it but the clock and Kafka.
 */
package io.ollyscale.jobs.demo;
