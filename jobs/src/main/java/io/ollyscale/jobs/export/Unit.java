package io.ollyscale.jobs.export;

import com.google.protobuf.Message;

/**
 * A span, a log record or a data point, with what it is in.
 *
 * @param metric null but for a data point
 */
record Unit(Message message, Envelope resource, Envelope scope, Envelope metric) {

    /** Whether all that it names is there. */
    boolean isWhole() {
        return resource.id() != null && scope.id() != null && (metric == null || metric.id() != null);
    }
}
