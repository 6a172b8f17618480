package io.ollyscale.jobs.demo;

import com.google.protobuf.ByteString;

/**
 * An order that was sent to the queue, and by what: what a consumer links to.
 *
 * @param at Unix nanoseconds
 * @param random what is decided about its way from here
 */
record SentOrder(Request request, ByteString traceId, ByteString spanId, long at, long random) {}
