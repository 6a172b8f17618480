package io.ollyscale.schema.testing;

import com.google.protobuf.Message;
import io.ollyscale.schema.otlp.Signal;
import java.util.Arrays;
import java.util.List;

/**
 * A record of one odd unit that is stored as it came: {@link OddSpan}, {@link OddLog} and {@link OddPoint} by signal.
 *
 * @param kind the constant's name
 */
public record OddRecord(String kind, Message message) {

    /** One of each kind. */
    public static List<OddRecord> of(Signal signal, int number) {
        return switch (signal) {
            case TRACES ->
                Arrays.stream(OddSpan.values())
                        .map(odd -> new OddRecord(odd.name(), TraceRecords.of(odd.span(number))))
                        .toList();
            case LOGS ->
                Arrays.stream(OddLog.values())
                        .map(odd -> new OddRecord(odd.name(), LogRecords.of(odd.log(number))))
                        .toList();
            case METRICS ->
                Arrays.stream(OddPoint.values())
                        .map(odd -> new OddRecord(odd.name(), MetricRecords.of(odd.metric(number))))
                        .toList();
        };
    }

    @Override
    public String toString() {
        return kind;
    }
}
