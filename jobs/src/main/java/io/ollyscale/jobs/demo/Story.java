package io.ollyscale.jobs.demo;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What happened because of one request: a trace. Who waits for a step is behind it, as SDKs send spans; who consumes what
 * it left in a queue is as well.
 */
final class Story {
    private final Request request;
    private final List<SentOrder> links;
    private final ByteString traceId;
    private final List<Step> steps = new ArrayList<>(48);

    /** @param links what the root continues without being its child */
    Story(Request request, List<SentOrder> links, Dice dice) {
        this.request = request;
        this.links = links;
        this.traceId = UnsafeByteOperations.unsafeWrap(ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(dice.next())
                .putLong(dice.next())
                .array());
    }

    void add(Step step) {
        steps.add(step);
    }

    /** Moves the story in time so that its last step ends then. */
    void endAt(long unixNanos) {
        long end = Long.MIN_VALUE;
        for (Step step : steps) {
            end = Math.max(end, step.end());
        }
        for (Step step : steps) {
            step.shift(unixNanos - end);
        }
    }

    Request request() {
        return request;
    }

    List<SentOrder> links() {
        return links;
    }

    ByteString traceId() {
        return traceId;
    }

    List<Step> steps() {
        return steps;
    }
}
