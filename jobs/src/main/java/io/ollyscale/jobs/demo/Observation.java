package io.ollyscale.jobs.demo;

import java.util.List;

/**
 * What a process can see when its metrics are collected. Times are Unix nanoseconds.
 *
 * @param started when the process began
 * @param unfinished steps of the story that is being told, whoever does them
 * @param ordersWaiting for a mail, in the environment
 * @param random bits that are other ones each time
 */
record Observation(long started, long time, List<Step> unfinished, int ordersWaiting, long random) {}
