package io.ollyscale.schema.tables;

import static io.ollyscale.schema.tables.ColumnType.BOOL;
import static io.ollyscale.schema.tables.ColumnType.BYTEA;
import static io.ollyscale.schema.tables.ColumnType.FLOAT8;
import static io.ollyscale.schema.tables.ColumnType.FLOAT8_ARRAY;
import static io.ollyscale.schema.tables.ColumnType.INT2;
import static io.ollyscale.schema.tables.ColumnType.INT4;
import static io.ollyscale.schema.tables.ColumnType.INT4_ARRAY;
import static io.ollyscale.schema.tables.ColumnType.INT8;
import static io.ollyscale.schema.tables.ColumnType.INT8_ARRAY;
import static io.ollyscale.schema.tables.ColumnType.JSONB;
import static io.ollyscale.schema.tables.ColumnType.NUMERIC;
import static io.ollyscale.schema.tables.ColumnType.TEXT;
import static io.ollyscale.schema.tables.ColumnType.TIMESTAMPTZ;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The tables that are filled by COPY, each with its columns in the order of the COPY; a column that has a default isn't among
 * them.
 *
 * <p>A row begins with its row ids, which are relative to its record until the sink stamps them: first the id that
 * places the row (its own, or its parent's where it has none), then, where there is one, the id of its parent.
 */
public enum Table {
    SPANS_FACT(
            "spans_fact",
            1,
            new Columns()
                    .add("id", INT8)
                    .add("resource_id", INT8)
                    .add("scope_id", INT8)
                    .add("service_id", INT8)
                    .add("operation_id", INT8)
                    .add("start_timestamp", TIMESTAMPTZ)
                    .add("duration_ns", INT8)
                    .add("trace_id", BYTEA)
                    .add("span_id", BYTEA)
                    .add("parent_span_id", BYTEA)
                    .add("trace_state", TEXT)
                    .add("name", TEXT)
                    .add("kind", INT4)
                    .add("flags", INT4)
                    .add("status_code", INT4)
                    .add("status_message", TEXT)
                    .add("dropped_attributes_count", INT4)
                    .add("dropped_events_count", INT4)
                    .add("dropped_links_count", INT4)
                    .add("start_nanos_fraction", INT2)
                    .add("attributes_other", JSONB)),
    SPAN_ATTRS_STRING("span_attrs_string", 1, attributes(TEXT)),
    SPAN_ATTRS_INT("span_attrs_int", 1, attributes(INT8)),
    SPAN_ATTRS_DOUBLE("span_attrs_double", 1, attributes(FLOAT8)),
    SPAN_ATTRS_BOOL("span_attrs_bool", 1, attributes(BOOL)),
    SPAN_ATTRS_BYTES("span_attrs_bytes", 1, attributes(BYTEA)),
    SPAN_EVENTS(
            "span_events",
            2,
            new Columns()
                    .add("id", INT8)
                    .add("parent_id", INT8)
                    .add("timestamp", TIMESTAMPTZ)
                    .add("nanos_fraction", INT2)
                    .add("name", TEXT)
                    .add("dropped_attributes_count", INT4)
                    .add("attributes_other", JSONB)),
    SPAN_EVENT_ATTRS_STRING("span_event_attrs_string", 1, attributes(TEXT)),
    SPAN_EVENT_ATTRS_INT("span_event_attrs_int", 1, attributes(INT8)),
    SPAN_EVENT_ATTRS_DOUBLE("span_event_attrs_double", 1, attributes(FLOAT8)),
    SPAN_EVENT_ATTRS_BOOL("span_event_attrs_bool", 1, attributes(BOOL)),
    SPAN_EVENT_ATTRS_BYTES("span_event_attrs_bytes", 1, attributes(BYTEA)),
    SPAN_LINKS(
            "span_links",
            2,
            new Columns()
                    .add("id", INT8)
                    .add("parent_id", INT8)
                    .add("linked_trace_id", BYTEA)
                    .add("linked_span_id", BYTEA)
                    .add("trace_state", TEXT)
                    .add("flags", INT4)
                    .add("dropped_attributes_count", INT4)
                    .add("attributes_other", JSONB)),
    SPAN_LINK_ATTRS_STRING("span_link_attrs_string", 1, attributes(TEXT)),
    SPAN_LINK_ATTRS_INT("span_link_attrs_int", 1, attributes(INT8)),
    SPAN_LINK_ATTRS_DOUBLE("span_link_attrs_double", 1, attributes(FLOAT8)),
    SPAN_LINK_ATTRS_BOOL("span_link_attrs_bool", 1, attributes(BOOL)),
    SPAN_LINK_ATTRS_BYTES("span_link_attrs_bytes", 1, attributes(BYTEA)),
    LOGS_FACT(
            "logs_fact",
            1,
            new Columns()
                    .add("id", INT8)
                    .add("resource_id", INT8)
                    .add("scope_id", INT8)
                    .add("service_id", INT8)
                    .add("timestamp", TIMESTAMPTZ)
                    .add("nanos_fraction", INT2)
                    .add("observed_timestamp", TIMESTAMPTZ)
                    .add("observed_nanos_fraction", INT2)
                    .add("trace_id", BYTEA)
                    .add("span_id", BYTEA)
                    .add("severity_number", INT4)
                    .add("severity_text", TEXT)
                    .add("event_name", TEXT)
                    .add("body_type", INT4)
                    .add("body_str", TEXT)
                    .add("body_int", INT8)
                    .add("body_double", FLOAT8)
                    .add("body_bool", BOOL)
                    .add("body_bytes", BYTEA)
                    .add("body_json", JSONB)
                    .add("flags", INT4)
                    .add("dropped_attributes_count", INT4)
                    .add("attributes_other", JSONB)),
    LOG_ATTRS_STRING("log_attrs_string", 1, attributes(TEXT)),
    LOG_ATTRS_INT("log_attrs_int", 1, attributes(INT8)),
    LOG_ATTRS_DOUBLE("log_attrs_double", 1, attributes(FLOAT8)),
    LOG_ATTRS_BOOL("log_attrs_bool", 1, attributes(BOOL)),
    LOG_ATTRS_BYTES("log_attrs_bytes", 1, attributes(BYTEA)),
    NUMBER_DATA_POINTS(
            "number_data_points",
            1,
            points().add("int_value", INT8).add("double_value", FLOAT8).add("flags", INT4)),
    HISTOGRAM_DATA_POINTS(
            "histogram_data_points",
            1,
            points().add("count", INT8)
                    .add("sum", FLOAT8)
                    .add("min", FLOAT8)
                    .add("max", FLOAT8)
                    .add("bucket_counts", INT8_ARRAY)
                    .add("explicit_bounds", FLOAT8_ARRAY)
                    .add("flags", INT4)),
    EXP_HISTOGRAM_DATA_POINTS(
            "exp_histogram_data_points",
            1,
            points().add("count", INT8)
                    .add("sum", FLOAT8)
                    .add("min", FLOAT8)
                    .add("max", FLOAT8)
                    .add("scale", INT4)
                    .add("zero_count", INT8)
                    .add("zero_threshold", FLOAT8)
                    .add("positive_offset", INT4)
                    .add("positive_bucket_counts", INT8_ARRAY)
                    .add("negative_offset", INT4)
                    .add("negative_bucket_counts", INT8_ARRAY)
                    .add("flags", INT4)),
    SUMMARY_DATA_POINTS(
            "summary_data_points",
            1,
            points().add("count", INT8).add("sum", FLOAT8).add("flags", INT4)),
    SUMMARY_QUANTILES(
            "summary_quantiles",
            1,
            new Columns()
                    .add("parent_id", INT8)
                    .add("position", INT4)
                    .add("quantile", FLOAT8)
                    .add("value", FLOAT8)),
    EXEMPLARS(
            "exemplars",
            2,
            new Columns()
                    .add("id", INT8)
                    .add("parent_id", INT8)
                    .add("timestamp", TIMESTAMPTZ)
                    .add("nanos_fraction", INT2)
                    .add("int_value", INT8)
                    .add("double_value", FLOAT8)
                    .add("trace_id", BYTEA)
                    .add("span_id", BYTEA)
                    .add("attributes_other", JSONB)),
    EXEMPLAR_ATTRS_STRING("exemplar_attrs_string", 1, attributes(TEXT)),
    EXEMPLAR_ATTRS_INT("exemplar_attrs_int", 1, attributes(INT8)),
    EXEMPLAR_ATTRS_DOUBLE("exemplar_attrs_double", 1, attributes(FLOAT8)),
    EXEMPLAR_ATTRS_BOOL("exemplar_attrs_bool", 1, attributes(BOOL)),
    EXEMPLAR_ATTRS_BYTES("exemplar_attrs_bytes", 1, attributes(BYTEA)),
    OPERATION_ROLLUP_PARTIAL(
            "operation_rollup_partial",
            1,
            new Columns()
                    .add("id", INT8)
                    .add("window_start", TIMESTAMPTZ)
                    .add("operation_id", INT8)
                    .add("service_id", INT8)
                    .add("span_kind", INT4)
                    .add("span_count", INT8)
                    .add("error_count", INT8)
                    .add("invalid_duration_count", INT8)
                    .add("adjusted_count", FLOAT8)
                    .add("duration_sum_ns", NUMERIC)
                    .add("error_duration_sum_ns", NUMERIC)
                    .add("duration_min_ns", INT8)
                    .add("duration_max_ns", INT8)
                    .add("sketch_zero_count", INT8)
                    .add("sketch_bins", INT4_ARRAY)
                    .add("sketch_counts", INT8_ARRAY)
                    .add("resource_ids", INT8_ARRAY));

    private final String tableName;
    private final int idColumns;
    private final List<Column> columns;

    Table(String tableName, int idColumns, Columns columns) {
        this.tableName = tableName;
        this.idColumns = idColumns;
        this.columns = List.copyOf(columns.list);
    }

    /** The name within the schema {@code otel}. */
    public String tableName() {
        return tableName;
    }

    /** How many of the leading columns are row ids to be stamped: 1 or 2. */
    public int idColumns() {
        return idColumns;
    }

    public List<Column> columns() {
        return columns;
    }

    /** The statement that takes this table's rows as binary COPY. */
    public String copyStatement() {
        return columns.stream()
                .map(Column::name)
                .collect(Collectors.joining(", ", "COPY otel." + tableName + " (", ") FROM STDIN (FORMAT binary)"));
    }

    /** What points of every type begin with. */
    private static Columns points() {
        return new Columns()
                .add("id", INT8)
                .add("series_id", INT8)
                .add("timestamp", TIMESTAMPTZ)
                .add("nanos_fraction", INT2)
                .add("start_timestamp", TIMESTAMPTZ)
                .add("start_nanos_fraction", INT2);
    }

    private static Columns attributes(ColumnType value) {
        return new Columns().add("parent_id", INT8).add("key_id", INT4).add("value", value);
    }

    private static final class Columns {
        private final List<Column> list = new ArrayList<>();

        Columns add(String name, ColumnType type) {
            list.add(new Column(name, type));
            return this;
        }
    }
}
