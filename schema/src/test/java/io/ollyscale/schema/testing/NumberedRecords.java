package io.ollyscale.schema.testing;

import com.google.protobuf.Message;
import io.ollyscale.schema.json.OtlpJsonWriter;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.Arrays;
import java.util.List;

/**
 * {@link TraceRecords}, {@link LogRecords} and {@link MetricRecords} by signal, for tests that hold for each: a unit is a span, a
 * log record or a data point.
 */
public final class NumberedRecords {
    private static final String OF_FACT = """
            SELECT n.value AS number
            FROM otel.%1$ss_fact AS f
            LEFT JOIN otel.%1$s_attrs_int AS n ON n.parent_id = f.id AND n.key_id = otel.key_id('%2$s', 'int')""";

    private static final String OF_POINTS = """
            SELECT coalesce(int_value, CASE WHEN abs(double_value) < 1e15 THEN double_value::bigint END) AS number FROM otel.number_data_points
            UNION ALL SELECT count FROM otel.histogram_data_points
            UNION ALL SELECT count FROM otel.exp_histogram_data_points
            UNION ALL SELECT count FROM otel.summary_data_points""";

    private NumberedRecords() {}

    /** A record of {@code count} units with the numbers from {@code first} on, of several resources and scopes. */
    public static Message numbered(Signal signal, int first, int count) {
        return switch (signal) {
            case TRACES -> TraceRecords.numbered(first, count);
            case LOGS -> LogRecords.numbered(first, count);
            case METRICS -> MetricRecords.numbered(first, count);
        };
    }

    /** {@link #numbered} as it stands in Kafka. */
    public static byte[] bytes(Signal signal, RecordEncoding encoding, int first, int count) {
        return encoded(numbered(signal, first, count), encoding);
    }

    /** A record in which every field of the signal is set that a record may have. */
    public static Message allFields(Signal signal) {
        return switch (signal) {
            case TRACES -> TraceRecords.allFields();
            case LOGS -> LogRecords.allFields();
            case METRICS -> MetricRecords.allFields();
        };
    }

    /** A record of one unit without anything but its number, a trace's ids and these attributes; to be made odd. */
    public static Message bare(Signal signal, int number, List<KeyValue> attributes) {
        return switch (signal) {
            case TRACES -> TraceRecords.of(TraceRecords.bareSpan(number).addAllAttributes(attributes));
            case LOGS -> LogRecords.of(LogRecords.bareLog(number).addAllAttributes(attributes));
            case METRICS ->
                MetricRecords.of(MetricRecords.gauge(
                        MetricRecords.barePoint(number).setAsInt(number).addAllAttributes(attributes)));
        };
    }

    /** The other signals, in their order. */
    public static List<Signal> othersThan(Signal signal) {
        return Arrays.stream(Signal.values()).filter(other -> other != signal).toList();
    }

    /** A message as it stands in Kafka. */
    public static byte[] encoded(Message record, RecordEncoding encoding) {
        return switch (encoding) {
            case OTLP_PROTO -> record.toByteArray();
            case OTLP_JSON -> OtlpJsonWriter.write(record);
        };
    }

    /**
     * A query for the numbers of the units that are stored, as {@code number}: one row for each, in no order; NULL for one
     * without a number. The policy must promote {@link TraceRecords#NUMBER}, as {@link TestPolicy} does.
     */
    public static String storedNumbers(Signal signal) {
        return switch (signal) {
            case TRACES -> OF_FACT.formatted("span", TraceRecords.NUMBER);
            case LOGS -> OF_FACT.formatted("log", TraceRecords.NUMBER);
            case METRICS -> OF_POINTS;
        };
    }
}
