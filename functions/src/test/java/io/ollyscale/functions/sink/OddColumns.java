package io.ollyscale.functions.sink;

import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.testing.OddJson;
import io.ollyscale.schema.testing.OddPoint;
import io.ollyscale.schema.testing.TraceRecords;
import java.util.HexFormat;

/**
 * How a unit that is odd must read from the tables.
 *
 * @param table that has the unit
 * @param columns of its row {@code odd}, and of a point also of its metric {@code m}, as SQL
 * @param expected their values, joined by a bar
 */
record OddColumns(String table, String columns, String expected) {
    private static final String LATEST = "2554-07-21 23:34:33.709551|615";

    /** @param kind the name of an {@code OddSpan}, {@code OddLog} or {@code OddPoint} */
    static OddColumns of(Signal signal, String kind, String table) {
        OddColumns ofAttributes = ofAttributes(signal, kind, table);
        if (ofAttributes != null) {
            return ofAttributes;
        }
        return switch (signal) {
            case TRACES -> ofSpan(kind, table);
            case LOGS -> ofLog(kind, table);
            case METRICS -> ofPoint(kind, table);
        };
    }

    /** Of the attribute {@code test.odd}, which the policy doesn't promote. */
    static OddColumns of(Signal signal, OddJson odd, int number) {
        String expected = switch (odd) {
            case INTEGER_AS_A_NUMBER, INTEGER_WITH_AN_EXPONENT, INTEGER_WITH_A_FRACTION_OF_0 -> "1000";
            case DOUBLE_AS_A_TEXT -> "0.1";
            case DOUBLE_WITHOUT_A_FRACTION -> "3.0";
            case NAN -> "{\"$double\": \"7ff8000000000000\"}";
            case NEGATIVE_ZERO -> "{\"$double\": \"8000000000000000\"}";
            case NULL_FOR_A_VALUE -> "null";
            case NULL_FOR_WHAT_IS_IN_A_VALUE -> "{\"$empty\": true}";
            case BASE64_FOR_URLS -> "{\"$bytes\": \"+/8=\"}";
            case ESCAPED_NUL -> "{\"$string\": \"YQBi\"}";
            case IDS_IN_UPPER_CASE, BYTE_ORDER_MARK, WHITE_SPACE -> "\"value\"";
        };
        String traceId = signal == Signal.METRICS
                ? "(SELECT encode(e.trace_id, 'hex') FROM otel.exemplars AS e WHERE e.parent_id = odd.id)"
                : "encode(odd.trace_id, 'hex')";
        return new OddColumns(
                Stack.table(signal),
                "(" + catchAll(signal) + " -> 'test.odd')::text, " + traceId,
                expected + "|"
                        + HexFormat.of().formatHex(TraceRecords.traceId(number).toByteArray()));
    }

    private static OddColumns ofAttributes(Signal signal, String kind, String table) {
        String catchAll = catchAll(signal);
        return switch (kind) {
            case "NUL_IN_KEY" -> new OddColumns(table, catchAll, "{\"$keys\": [[{\"$string\": \"YQBi\"}, \"value\"]]}");
            case "NUL_IN_VALUE" -> new OddColumns(table, catchAll, "{\"test.nul\": {\"$string\": \"YQBi\"}}");
            case "ATTRIBUTE_OF_1_MB" ->
                new OddColumns(
                        table,
                        "length(" + catchAll + " ->> 'http.route'), "
                                + promoted(signal, "string", "http.route", "value"),
                        "1048576|null");
            case "KEY_TWICE" ->
                new OddColumns(
                        table,
                        catchAll + ", " + promoted(signal, "string", "http.route", "value"),
                        "{\"http.route\": {\"$list\": [\"first\", 2]}}|null");
            case "NAN" ->
                new OddColumns(
                        table,
                        catchAll + ", " + promoted(signal, "double", "test.ratio", "float8send(value)"),
                        "{\"test.nan\": {\"$double\": \"fff800000000beef\"}}|\\x7ff800000000beef");
            case "NEGATIVE_ZERO" ->
                new OddColumns(
                        table,
                        catchAll + ", " + promoted(signal, "double", "test.ratio", "float8send(value)"),
                        "{\"test.zero\": {\"$double\": \"8000000000000000\"}}|\\x8000000000000000");
            case "NESTED_100_DEEP" -> new OddColumns(table, catchAll + " -> 'test.nested'", nestedJson(100));
            default -> null;
        };
    }

    private static OddColumns ofSpan(String kind, String table) {
        return switch (kind) {
            case "NUL_IN_NAME" ->
                new OddColumns(
                        table, "name, attributes_other", "a␀b|{\"$fields\": {\"name\": {\"$string\": \"YQBi\"}}}");
            case "IDS_OF_3_BYTES" ->
                new OddColumns(table, "trace_id, span_id, parent_span_id", "\\x000000|\\x000000|\\x000000");
            case "IDS_OF_32_BYTES" ->
                new OddColumns(table, "length(trace_id), length(span_id), length(parent_span_id)", "32|32|32");
            case "NO_IDS" -> new OddColumns(table, "trace_id, span_id, parent_span_id", "null|null|null");
            case "UNKNOWN_ENUMS" -> new OddColumns(table, "kind, status_code, status_message", "99|-7|unheard of");
            case "END_BEFORE_START" -> new OddColumns(table, "duration_ns", "-1");
            case "TIMES_OF_0" ->
                new OddColumns(
                        table,
                        "start_timestamp, start_nanos_fraction, duration_ns, "
                                + "(SELECT concat_ws('|', e.name, e.timestamp, e.nanos_fraction)"
                                + " FROM otel.span_events AS e WHERE e.parent_id = odd.id)",
                        "null|null|0|no time");
            case "LATEST_TIMES" ->
                new OddColumns(
                        table,
                        "start_timestamp AT TIME ZONE 'UTC', start_nanos_fraction, duration_ns, "
                                + "(SELECT concat_ws('|', e.timestamp AT TIME ZONE 'UTC', e.nanos_fraction)"
                                + " FROM otel.span_events AS e WHERE e.parent_id = odd.id)",
                        LATEST + "|0|" + LATEST);
            case "UNSIGNED_COUNTS" ->
                new OddColumns(
                        table,
                        "otel.u32(flags), otel.u32(dropped_attributes_count), otel.u32(dropped_events_count),"
                                + " otel.u32(dropped_links_count)",
                        "4294967295|4294967294|4294967293|2147483648");
            default -> throw new IllegalArgumentException("what is expected of " + kind);
        };
    }

    private static OddColumns ofLog(String kind, String table) {
        return switch (kind) {
            case "BODY_OF_10_MB" -> new OddColumns(table, "body_type, body_str = repeat('x', 10 * 1024 * 1024)", "1|t");
            case "BODY_40_LEVELS_DEEP" -> new OddColumns(table, "body_type, body_json", "6|" + nestedJson(40));
            case "BODY_WITH_NUL" ->
                new OddColumns(
                        table,
                        "body_type, body_str, attributes_other",
                        "1|a␀b|{\"$fields\": {\"body_str\": {\"$string\": \"YQBi\"}}}");
            case "BODY_WITH_U2400" -> new OddColumns(table, "body_type, body_str, attributes_other", "1|a␀b|null");
            case "NUL_WITHIN_BODY" -> new OddColumns(table, "body_type, body_json", "5|[{\"$string\": \"YQBi\"}]");
            case "EMPTY_BODY" ->
                new OddColumns(
                        table,
                        "body_type, num_nonnulls(body_str, body_int, body_double, body_bool, body_bytes, body_json)",
                        "0|0");
            case "BODY_OF_NO_TEXT" -> new OddColumns(table, "body_type, body_str", "1|");
            case "BODY_OF_NAN" -> new OddColumns(table, "body_type, float8send(body_double)", "4|\\xfff800000000beef");
            case "BODY_WITH_A_KEY_TWICE" ->
                new OddColumns(table, "body_type, body_json", "6|{\"$kvlist\": [[\"k\", 1], [\"k\", \"2\"]]}");
            case "NUL_IN_SEVERITY_TEXT" ->
                new OddColumns(
                        table,
                        "severity_text, attributes_other",
                        "a␀b|{\"$fields\": {\"severity_text\": {\"$string\": \"YQBi\"}}}");
            case "NUL_IN_EVENT_NAME" ->
                new OddColumns(
                        table,
                        "event_name, attributes_other",
                        "a␀b|{\"$fields\": {\"event_name\": {\"$string\": \"YQBi\"}}}");
            case "IDS_OF_3_BYTES" -> new OddColumns(table, "trace_id, span_id", "\\x000000|\\x000000");
            case "IDS_OF_32_BYTES" -> new OddColumns(table, "length(trace_id), length(span_id)", "32|32");
            case "NO_IDS" -> new OddColumns(table, "trace_id, span_id", "null|null");
            case "UNKNOWN_SEVERITY" -> new OddColumns(table, "severity_number", "-7");
            case "TIMES_OF_0" ->
                new OddColumns(
                        table,
                        "timestamp, nanos_fraction, observed_timestamp, observed_nanos_fraction",
                        "null|null|null|null");
            case "LATEST_TIMES" ->
                new OddColumns(
                        table,
                        "timestamp AT TIME ZONE 'UTC', nanos_fraction, observed_timestamp AT TIME ZONE 'UTC',"
                                + " observed_nanos_fraction",
                        LATEST + "|" + LATEST);
            case "UNSIGNED_COUNTS" ->
                new OddColumns(table, "otel.u32(flags), otel.u32(dropped_attributes_count)", "4294967295|4294967294");
            default -> throw new IllegalArgumentException("what is expected of " + kind);
        };
    }

    private static OddColumns ofPoint(String kind, String table) {
        return switch (kind) {
            case "COUNTS_NOT_MATCHING_BOUNDS" ->
                new OddColumns(
                        table,
                        "bucket_counts, otel.u64(bucket_counts[2]), explicit_bounds",
                        "{1,-1}|18446744073709551615|{0.005,0.25,1,30}");
            case "BOUNDS_THAT_FALL" -> new OddColumns(table, "explicit_bounds", "{5,1,1,-0}");
            case "BOUNDS_THAT_ARE_NO_NUMBERS" ->
                new OddColumns(
                        table,
                        "(SELECT string_agg(encode(float8send(bound), 'hex'), ' ' ORDER BY place)"
                                + " FROM unnest(explicit_bounds) WITH ORDINALITY AS b (bound, place))",
                        "7ff8000000000000 7ff800000000beef 7ff0000000000000 fff0000000000000");
            case "NO_BUCKETS" -> new OddColumns(table, "bucket_counts, explicit_bounds", "{}|{}");
            case "BUCKETS_100000" -> new OddColumns(table, "cardinality(bucket_counts)", "100005");
            case "NO_SUM" -> new OddColumns(table, "sum, min, max", "null|null|null");
            case "SUM_OF_0" ->
                new OddColumns(
                        table,
                        "float8send(sum), float8send(min), float8send(max)",
                        "\\x0000000000000000|\\x0000000000000000|\\x8000000000000000");
            case "UNSIGNED_COUNTS" ->
                new OddColumns(
                        table,
                        "otel.u64(count), otel.u32(flags), otel.u64(bucket_counts[1])",
                        "18446744073709551615|4294967294|9223372036854775808");
            case "SCALE_20_AND_THE_LARGEST_OFFSET" ->
                new OddColumns(
                        table,
                        "scale, positive_offset, positive_bucket_counts, negative_offset, negative_bucket_counts",
                        "20|2147483647|{1}|-2147483648|{1}");
            case "SCALE_BEYOND_REASON" -> new OddColumns(table, "scale", "-2147483648");
            case "EMPTY_AND_NO_BUCKETS" ->
                new OddColumns(
                        table,
                        "positive_offset, positive_bucket_counts, negative_offset, negative_bucket_counts",
                        "0|{}|null|null");
            case "QUANTILES_OUTSIDE_0_TO_1" ->
                new OddColumns(
                        table,
                        "(SELECT string_agg(format('%s %s %s', position, quantile, value), ', ' ORDER BY position)"
                                + " FROM otel.summary_quantiles AS q WHERE q.parent_id = odd.id)",
                        "0 -1 1, 1 2 Infinity, 2 NaN -0, 3 2 1");
            case "NO_VALUE" -> new OddColumns(table, "int_value, double_value", "null|null");
            case "VALUE_OF_NAN" ->
                new OddColumns(table, "int_value, float8send(double_value)", "null|\\xfff800000000beef");
            case "UNKNOWN_TEMPORALITY" -> new OddColumns(table, "m.aggregation_temporality, m.is_monotonic", "99|f");
            case "NO_NAME" -> new OddColumns(table, "m.name, m.metric_type", "|5");
            case "NUL_IN_TEXTS" ->
                new OddColumns(
                        table,
                        "m.name, m.unit, m.description, m.attributes_other",
                        "a␀b|c␀d|e␀f|{\"$fields\": {\"name\": {\"$string\": \"YQBi\"}, \"unit\": {\"$string\": \"YwBk\"},"
                                + " \"description\": {\"$string\": \"ZQBm\"}}}");
            case "NAME_OF_100_KB" ->
                new OddColumns(
                        table, "m.name", OddPoint.NAME_OF_100_KB.metric(0).getName());
            case "METADATA_WITH_A_KEY_TWICE" ->
                new OddColumns(table, "m.metadata", "{\"http.route\": {\"$list\": [\"first\", 2]}}");
            case "NUL_IN_METADATA" ->
                new OddColumns(
                        table,
                        "m.metadata",
                        "{\"$keys\": [[{\"$string\": \"YQBi\"}, \"value\"]], \"test.nul\": {\"$string\": \"YQBi\"}}");
            case "EXEMPLAR_IDS_OF_3_BYTES" -> ofExemplar(table, "e.trace_id || e.span_id", "\\x000000000000");
            case "EXEMPLAR_IDS_OF_32_BYTES" ->
                ofExemplar(table, "length(e.trace_id) + 100 * length(e.span_id)", "3232");
            case "EMPTY_EXEMPLAR" ->
                ofExemplar(
                        table,
                        "num_nonnulls(e.timestamp, e.nanos_fraction, e.int_value, e.double_value, e.trace_id, e.span_id,"
                                + " e.attributes_other)",
                        "0");
            case "TIMES_OF_0" ->
                new OddColumns(
                        table,
                        "timestamp, nanos_fraction, start_timestamp, start_nanos_fraction",
                        "null|null|null|null");
            case "LATEST_TIMES" ->
                new OddColumns(
                        table,
                        "timestamp AT TIME ZONE 'UTC', nanos_fraction, start_timestamp AT TIME ZONE 'UTC',"
                                + " start_nanos_fraction",
                        LATEST + "|" + LATEST);
            case "START_AFTER_TIME" -> new OddColumns(table, "start_timestamp - timestamp", "00:00:00.001");
            default -> throw new IllegalArgumentException("what is expected of " + kind);
        };
    }

    private static OddColumns ofExemplar(String table, String column, String expected) {
        return new OddColumns(
                table, "(SELECT " + column + " FROM otel.exemplars AS e WHERE e.parent_id = odd.id)", expected);
    }

    /** The unit's catch-all; a point's is its series'. */
    private static String catchAll(Signal signal) {
        return signal == Signal.METRICS
                ? "(SELECT o.attributes FROM otel.metric_attrs_other AS o WHERE o.series_id = odd.series_id)"
                : "odd.attributes_other";
    }

    /** Of a typed attribute, if there is one. */
    private static String promoted(Signal signal, String type, String key, String column) {
        String owner = switch (signal) {
            case TRACES -> "otel.span_attrs_%s WHERE parent_id = odd.id";
            case LOGS -> "otel.log_attrs_%s WHERE parent_id = odd.id";
            case METRICS -> "otel.metric_attrs_%s WHERE series_id = odd.series_id";
        };
        return "(SELECT %s FROM ".formatted(column)
                + owner.formatted(type)
                + " AND key_id = otel.key_id('%s', '%s'))".formatted(key, type);
    }

    private static String nestedJson(int levels) {
        String json = "\"core\"";
        for (int level = 0; level < levels; level++) {
            json = level % 2 == 0 ? "[" + json + "]" : "{\"k\": " + json + "}";
        }
        return json;
    }
}
