package io.ollyscale.jobs.demo.metrics;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import java.util.List;

/**
 * One measurement, and the span in which it was made.
 *
 * @param timeNanos Unix nanoseconds
 * @param filtered attributes that the series hasn't
 */
public record Measurement(
        double value, long timeNanos, ByteString traceId, ByteString spanId, List<KeyValue> filtered) {

    Exemplar exemplar() {
        return Exemplar.newBuilder()
                .setAsDouble(value)
                .setTimeUnixNano(timeNanos)
                .setTraceId(traceId)
                .setSpanId(spanId)
                .addAllFilteredAttributes(filtered)
                .build();
    }
}
