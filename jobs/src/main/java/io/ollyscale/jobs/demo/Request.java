package io.ollyscale.jobs.demo;

/**
 * What a story is about.
 *
 * @param traceState of the caller; empty where it has none
 * @param repetitions how often a step is done that is done for each line of the order, or for each order of a batch
 */
record Request(
        Environment environment,
        String traceState,
        Visitor visitor,
        Product product,
        Order order,
        QueuePosition queuePosition,
        int repetitions) {}
