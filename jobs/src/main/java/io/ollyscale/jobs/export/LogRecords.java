package io.ollyscale.jobs.export;

import io.ollyscale.schema.otlp.CatchAllReader;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Log records. */
final class LogRecords extends Facts<LogRecord.Builder> {
    private static final String COLUMNS = String.join(
            ", ",
            "resource_id",
            "scope_id",
            Row.time("timestamp"),
            "nanos_fraction",
            Row.time("observed_timestamp"),
            "observed_nanos_fraction",
            "trace_id",
            "span_id",
            "severity_number",
            "severity_text",
            "event_name",
            "body_type",
            "body_str",
            "body_int",
            Row.number("body_double"),
            "body_bool",
            "body_bytes",
            "body_json",
            "flags",
            "dropped_attributes_count",
            "attributes_other");

    private static final String SIZE = StoredSize.row(
            StoredSize.text("severity_text"),
            StoredSize.text("event_name"),
            StoredSize.text("body_str"),
            StoredSize.text("body_bytes"),
            StoredSize.json("body_json"),
            StoredSize.json("attributes_other"));

    LogRecords(Source source) throws SQLException {
        super(source, "logs_fact", COLUMNS, SIZE, "coalesce(timestamp, observed_timestamp)", "trace_id = ?");
    }

    @Override
    Fact<LogRecord.Builder> read(Row row) throws SQLException {
        LogRecord.Builder log = LogRecord.newBuilder()
                .addAllAttributes(row.catchAll("attributes_other"))
                .setTimeUnixNano(row.unixNanos("timestamp", "nanos_fraction"))
                .setObservedTimeUnixNano(row.unixNanos("observed_timestamp", "observed_nanos_fraction"))
                .setTraceId(row.bytes("trace_id"))
                .setSpanId(row.bytes("span_id"))
                .setSeverityNumberValue(row.int32("severity_number"))
                .setSeverityText(row.text("severity_text"))
                .setEventName(row.text("event_name"))
                .setFlags(row.int32("flags"))
                .setDroppedAttributesCount(row.int32("dropped_attributes_count"));
        if (!row.isNull("body_type")) {
            log.setBody(body(row));
        }
        return new Fact<>(log, row.int64("resource_id"), row.int64("scope_id"));
    }

    private static AnyValue body(Row row) throws SQLException {
        AnyValue.Builder body = AnyValue.newBuilder();
        int type = row.int32("body_type");
        switch (AnyValue.ValueCase.forNumber(type)) {
            case STRING_VALUE -> body.setStringValue(row.text("body_str"));
            case BOOL_VALUE -> body.setBoolValue(row.bool("body_bool"));
            case INT_VALUE -> body.setIntValue(row.int64("body_int"));
            case DOUBLE_VALUE -> body.setDoubleValue(row.float64("body_double"));
            case BYTES_VALUE -> body.setBytesValue(row.bytes("body_bytes"));
            case ARRAY_VALUE, KVLIST_VALUE -> body.mergeFrom(CatchAllReader.value(row.json("body_json")));
            case VALUE_NOT_SET -> {}
            case STRING_VALUE_STRINDEX ->
                throw new IllegalStateException("a reference into a dictionary is never stored");
        }
        return body.build();
    }

    @Override
    void sizesOfParts(Collection<Long> ids, Rows.Reader reader) {
        // It has none.
    }

    @Override
    void complete(Map<Long, LogRecord.Builder> logs) throws SQLException {
        Map<Long, Consumer<KeyValue>> takers = new HashMap<>();
        logs.forEach((id, log) -> takers.put(id, log::addAttributes));
        source().attributes().ofFacts("log", takers);
    }
}
