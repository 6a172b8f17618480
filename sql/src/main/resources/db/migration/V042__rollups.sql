-- Rates, errors and durations by event-time window. Ingest adds to operation_rollup_partial alone, in the transaction of the spans
-- that a row counts, so that the sums over its rows are those over the spans whatever happens. Folding moves the rows of transactions
-- that are over into the tables by minute and hour; views add what is not folded yet.

-- The number that xact_id is: of a bigint the planner has statistics.
CREATE FUNCTION otel.xact_number(xact_id xid8) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN xact_id::text::bigint;
COMMENT ON FUNCTION otel.xact_number(xid8) IS 'A transaction''s number with its epoch, as a bigint.';

CREATE TABLE otel.operation_rollup_partial (
    id bigint NOT NULL,
    xact_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
    operation_id bigint NOT NULL,
    service_id bigint NOT NULL,
    window_start timestamptz,
    span_count bigint NOT NULL,
    error_count bigint NOT NULL,
    invalid_duration_count bigint NOT NULL,
    duration_min_ns bigint NOT NULL,
    duration_max_ns bigint NOT NULL,
    sketch_zero_count bigint NOT NULL,
    adjusted_count double precision NOT NULL,
    span_kind integer NOT NULL,
    duration_sum_ns numeric NOT NULL,
    error_duration_sum_ns numeric NOT NULL,
    sketch_bins integer[] NOT NULL,
    sketch_counts bigint[] NOT NULL,
    resource_ids bigint[] NOT NULL
) PARTITION BY RANGE (id);

-- What is not folded yet lies at the end. A BRIN would be smaller, but finds it only as far as autovacuum has come.
CREATE INDEX ON otel.operation_rollup_partial (otel.xact_number(xact_id));

COMMENT ON TABLE otel.operation_rollup_partial IS
    'What each transaction of ingest adds to the rollups: a row for each operation and minute of its spans. Read operation_minutes and its like instead. Partitioned by id, which is by time of arrival; a partition goes when all of it is folded.';
COMMENT ON COLUMN otel.operation_rollup_partial.id IS 'Ascends with arrival, as facts'' ids do: arrival_of(id) is the time.';
COMMENT ON COLUMN otel.operation_rollup_partial.xact_id IS 'The transaction that wrote the row and its spans. Folded where it is below rollup_progress.folded_below.';
COMMENT ON COLUMN otel.operation_rollup_partial.window_start IS 'The minute, by the spans'' start; NULL for spans whose start is unset: they belong to no window.';
COMMENT ON COLUMN otel.operation_rollup_partial.operation_id IS 'The operation: service, span name and kind. In operation_dim if it was admitted.';
COMMENT ON COLUMN otel.operation_rollup_partial.service_id IS 'The service, in service_dim.';
COMMENT ON COLUMN otel.operation_rollup_partial.span_kind IS 'The kind of the spans, in span_kinds; an unknown number as it came.';
COMMENT ON COLUMN otel.operation_rollup_partial.span_count IS 'How many spans.';
COMMENT ON COLUMN otel.operation_rollup_partial.error_count IS 'How many of them have the status ERROR.';
COMMENT ON COLUMN otel.operation_rollup_partial.invalid_duration_count IS
    'How many have no duration: the start or the end is unset, the end lies before the start, or 292 years behind it. Theirs counts as 0.';
COMMENT ON COLUMN otel.operation_rollup_partial.adjusted_count IS
    'How many spans there were before sampling, by the thresholds in their trace states (ot=th:…); a span without one stands for itself.';
COMMENT ON COLUMN otel.operation_rollup_partial.duration_sum_ns IS 'The sum of their durations in nanoseconds.';
COMMENT ON COLUMN otel.operation_rollup_partial.error_duration_sum_ns IS 'The sum of the durations of those with the status ERROR.';
COMMENT ON COLUMN otel.operation_rollup_partial.duration_min_ns IS 'The shortest duration.';
COMMENT ON COLUMN otel.operation_rollup_partial.duration_max_ns IS 'The longest duration.';
COMMENT ON COLUMN otel.operation_rollup_partial.sketch_bins IS 'DDSketch: the bins (duration_bin) that durations above 0 fall into, ascending.';
COMMENT ON COLUMN otel.operation_rollup_partial.sketch_counts IS 'DDSketch: how many durations each of sketch_bins holds.';
COMMENT ON COLUMN otel.operation_rollup_partial.sketch_zero_count IS 'DDSketch: how many durations are 0, those included that count as 0.';
COMMENT ON COLUMN otel.operation_rollup_partial.resource_ids IS 'The resources that the spans are of, each once, ascending.';

DO $create$
DECLARE
    measures constant text := '
        span_count bigint NOT NULL,
        error_count bigint NOT NULL,
        invalid_duration_count bigint NOT NULL,
        duration_min_ns bigint,
        duration_max_ns bigint,
        p50_ns double precision,
        p90_ns double precision,
        p95_ns double precision,
        p99_ns double precision,
        adjusted_count double precision NOT NULL,
        sketch_zero_count bigint NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now(),
        duration_sum_ns numeric NOT NULL,
        error_duration_sum_ns numeric NOT NULL,
        sketch_bins integer[] NOT NULL,
        sketch_counts bigint[] NOT NULL';
    -- Rows of the current window are updated again and again: room on their page keeps indexes out of it.
    layout constant text := 'PARTITION BY RANGE (window_start)';
    width record;
    name text;
BEGIN
    FOR width IN SELECT * FROM (VALUES ('1m', 'minute'), ('1h', 'hour')) AS w (suffix, unit) LOOP
        name := 'operation_rollup_' || width.suffix;
        EXECUTE format('CREATE TABLE otel.%I (window_start timestamptz NOT NULL, operation_id bigint NOT NULL, service_id bigint NOT NULL, %s,
            span_kind integer NOT NULL, overflow_operation_ids bigint[], PRIMARY KEY (window_start, operation_id)) %s', name, measures, layout);
        EXECUTE format('CREATE TABLE otel.%I PARTITION OF otel.%I DEFAULT WITH (fillfactor = 70)', name || '_other', name);
        EXECUTE format('COMMENT ON TABLE otel.%I IS %L', name, format(
            'Spans by operation and %s of their start, as far as folded. Read operation_%ss, which adds what is not. Partitioned by window_start.', width.unit, width.unit));
        EXECUTE format('COMMENT ON COLUMN otel.%I.operation_id IS %L', name, 'The operation, in operation_dim; otel.overflow of its service for all that were not admitted.');
        EXECUTE format('COMMENT ON COLUMN otel.%I.service_id IS %L', name, 'The service, in service_dim.');
        EXECUTE format('COMMENT ON COLUMN otel.%I.span_kind IS %L', name, 'The kind of the spans, in span_kinds; an unknown number as it came; 0 for otel.overflow, whose spans have any.');
        EXECUTE format('COMMENT ON COLUMN otel.%I.overflow_operation_ids IS %L', name,
            'Of otel.overflow, the least 1,024 ids of the operations in it, ascending: distinct_estimate() says how many those were. Else NULL.');

        name := 'service_rollup_' || width.suffix;
        EXECUTE format('CREATE TABLE otel.%I (window_start timestamptz NOT NULL, service_id bigint NOT NULL, %s,
            instance_ids bigint[] NOT NULL, PRIMARY KEY (window_start, service_id)) %s', name, measures, layout);
        EXECUTE format('CREATE TABLE otel.%I PARTITION OF otel.%I DEFAULT WITH (fillfactor = 70)', name || '_other', name);
        EXECUTE format('COMMENT ON TABLE otel.%I IS %L', name, format(
            'The entry spans (SERVER and CONSUMER) of a service by the %s of their start, as far as folded; a row of a service that has only others counts 0. Read service_%ss, which adds what is not folded. Partitioned by window_start.', width.unit, width.unit));
        EXECUTE format('COMMENT ON COLUMN otel.%I.service_id IS %L', name, 'The service, in service_dim.');
        EXECUTE format('COMMENT ON COLUMN otel.%I.instance_ids IS %L', name,
            'The least 1,024 ids of the resources that had spans of any kind, ascending: distinct_estimate() says how many those were.');

        FOREACH name IN ARRAY ARRAY['operation_rollup_' || width.suffix, 'service_rollup_' || width.suffix] LOOP
            EXECUTE format('COMMENT ON TABLE otel.%I IS %L', name || '_other', format('Windows of %s that no other partition holds: clocks that are far off, and data that is years late.', name));
            EXECUTE format('COMMENT ON COLUMN otel.%I.window_start IS %L', name, format('The %s, by the spans'' start.', width.unit));
            EXECUTE format('COMMENT ON COLUMN otel.%I.span_count IS %L', name, 'How many spans.');
            EXECUTE format('COMMENT ON COLUMN otel.%I.error_count IS %L', name, 'How many of them have the status ERROR.');
            EXECUTE format('COMMENT ON COLUMN otel.%I.invalid_duration_count IS %L', name, 'How many have no duration: the end is unset, before the start, or 292 years behind it. Theirs counts as 0.');
            EXECUTE format('COMMENT ON COLUMN otel.%I.adjusted_count IS %L', name, 'How many spans there were before sampling, by the thresholds in their trace states (ot=th:…); a span without one stands for itself.');
            EXECUTE format('COMMENT ON COLUMN otel.%I.duration_sum_ns IS %L', name, 'The sum of their durations in nanoseconds.');
            EXECUTE format('COMMENT ON COLUMN otel.%I.error_duration_sum_ns IS %L', name, 'The sum of the durations of those with the status ERROR.');
            EXECUTE format('COMMENT ON COLUMN otel.%I.duration_min_ns IS %L', name, 'The shortest duration; NULL where there is no span.');
            EXECUTE format('COMMENT ON COLUMN otel.%I.duration_max_ns IS %L', name, 'The longest duration; NULL where there is no span.');
            EXECUTE format('COMMENT ON COLUMN otel.%I.p50_ns IS %L', name, 'The median duration, to 1 %; NULL where there is no span.');
            EXECUTE format('COMMENT ON COLUMN otel.%I.p90_ns IS %L', name, 'The duration that 90 % of them do not exceed, to 1 %.');
            EXECUTE format('COMMENT ON COLUMN otel.%I.p95_ns IS %L', name, 'The duration that 95 % of them do not exceed, to 1 %.');
            EXECUTE format('COMMENT ON COLUMN otel.%I.p99_ns IS %L', name, 'The duration that 99 % of them do not exceed, to 1 %.');
            EXECUTE format('COMMENT ON COLUMN otel.%I.sketch_bins IS %L', name, 'DDSketch: the bins (duration_bin) that durations above 0 fall into, ascending.');
            EXECUTE format('COMMENT ON COLUMN otel.%I.sketch_counts IS %L', name, 'DDSketch: how many durations each of sketch_bins holds.');
            EXECUTE format('COMMENT ON COLUMN otel.%I.sketch_zero_count IS %L', name, 'DDSketch: how many durations are 0, those included that count as 0.');
            EXECUTE format('COMMENT ON COLUMN otel.%I.updated_at IS %L', name, 'When the row was folded last.');
        END LOOP;
    END LOOP;
END
$create$;

CREATE TABLE otel.rollup_without_start (
    service_id bigint PRIMARY KEY,
    span_count bigint NOT NULL,
    error_count bigint NOT NULL,
    adjusted_count double precision NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE otel.rollup_without_start IS
    'Spans whose start is unset, by service, as far as folded: they belong to no window. Read spans_without_start, which adds what is not folded.';
COMMENT ON COLUMN otel.rollup_without_start.service_id IS 'The service, in service_dim.';
COMMENT ON COLUMN otel.rollup_without_start.span_count IS 'How many spans.';
COMMENT ON COLUMN otel.rollup_without_start.error_count IS 'How many of them have the status ERROR.';
COMMENT ON COLUMN otel.rollup_without_start.adjusted_count IS 'How many spans there were before sampling, as in operation_rollup_1m.';
COMMENT ON COLUMN otel.rollup_without_start.updated_at IS 'When the row was folded last.';

CREATE TABLE otel.rollup_progress (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    folded_below xid8 NOT NULL,
    folded_at timestamptz,
    next_below xid8,
    next_offsets jsonb,
    next_since timestamptz,
    minutes_from timestamptz NOT NULL DEFAULT '-infinity',
    hours_from timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO otel.rollup_progress (folded_below) VALUES ('3');
COMMENT ON TABLE otel.rollup_progress IS 'How far partial rollups are folded: one row. Folding locks it, so one session folds at a time.';
COMMENT ON COLUMN otel.rollup_progress.only_row IS 'True: there is one row.';
COMMENT ON COLUMN otel.rollup_progress.folded_below IS 'Rows of operation_rollup_partial whose xact_id is below are folded, the others are not.';
COMMENT ON COLUMN otel.rollup_progress.folded_at IS 'When rows were folded last; NULL before the first time.';
COMMENT ON COLUMN otel.rollup_progress.next_below IS 'What folded_below becomes as soon as safe_offset covers next_offsets; NULL where nothing waits.';
COMMENT ON COLUMN otel.rollup_progress.next_offsets IS
    'The ledger''s next_offset when next_below was taken, of the partitions whose safe_offset was behind it: [{"cluster_id", "topic_id", "partition_id", "next_offset"}, …].';
COMMENT ON COLUMN otel.rollup_progress.next_since IS 'When next_below was taken.';
COMMENT ON COLUMN otel.rollup_progress.minutes_from IS 'Rollups by minute of windows before this have been dropped by retention, but for some that came later.';
COMMENT ON COLUMN otel.rollup_progress.hours_from IS 'The same for rollups by hour.';
