-- The enumerations of the OTLP specification, by their numbers in its .proto files. Facts name them without a foreign
-- key: a number that a newer OTLP adds is stored as it came.

DO $$
DECLARE
    enum record;
BEGIN
    FOR enum IN
        SELECT * FROM (VALUES
            ('span_kinds', 'Span.SpanKind: how a span relates to its parent and its children.'),
            ('status_codes', 'Status.StatusCode: how a span ended.'),
            ('log_severity_numbers', 'SeverityNumber of a log record: six ranges of four steps each, a higher number is more severe.'),
            ('log_body_types', 'Which type a log record''s body has: the field number in AnyValue, 0 for a body with nothing set.'),
            ('metric_types', 'Which type of data points a metric has: the field number in Metric.data.'),
            ('aggregation_temporalities', 'AggregationTemporality: which interval a point of a sum or histogram covers.')
        ) AS e (name, described)
    LOOP
        EXECUTE format(
            'CREATE TABLE otel.%I (
                id integer PRIMARY KEY,
                name text COLLATE "C" NOT NULL UNIQUE,
                description text COLLATE "C" NOT NULL
            )', enum.name);
        EXECUTE format('COMMENT ON TABLE otel.%I IS %L', enum.name, enum.described);
        EXECUTE format('COMMENT ON COLUMN otel.%I.id IS ''The number in OTLP.''', enum.name);
        EXECUTE format('COMMENT ON COLUMN otel.%I.name IS ''The name, without the prefix that it has in the .proto file.''', enum.name);
        EXECUTE format('COMMENT ON COLUMN otel.%I.description IS ''What it means.''', enum.name);
    END LOOP;
END
$$;

INSERT INTO otel.span_kinds (id, name, description) VALUES
    (0, 'UNSPECIFIED', 'Not said; to be read as INTERNAL.'),
    (1, 'INTERNAL', 'An operation within an application, without a remote side.'),
    (2, 'SERVER', 'The handling of a remote request whose caller waits for the answer.'),
    (3, 'CLIENT', 'A request to a remote service, until its answer is there.'),
    (4, 'PRODUCER', 'The handing over of a message that is processed later, usually by others.'),
    (5, 'CONSUMER', 'The processing of a message that a producer handed over.');

INSERT INTO otel.status_codes (id, name, description) VALUES
    (0, 'UNSET', 'Nobody said; the default.'),
    (1, 'OK', 'An application developer or operator declared the operation successful.'),
    (2, 'ERROR', 'The operation contains an error.');

INSERT INTO otel.log_severity_numbers (id, name, description) VALUES (0, 'UNSPECIFIED', 'Not said.');

INSERT INTO otel.log_severity_numbers (id, name, description)
SELECT
    severity_range.first_id + step,
    severity_range.name || CASE WHEN step > 0 THEN (step + 1)::text ELSE '' END,
    severity_range.description || CASE WHEN step > 0 THEN ' Step ' || step + 1 || ' of 4, more severe than the one before.' ELSE '' END
FROM (
    VALUES
        (1, 'TRACE', 'Fine-grained debugging, usually off.'),
        (5, 'DEBUG', 'Debugging.'),
        (9, 'INFO', 'Something happened, as expected.'),
        (13, 'WARN', 'Not an error, but probably more important than information.'),
        (17, 'ERROR', 'Something went wrong.'),
        (21, 'FATAL', 'The application or system failed.')
) AS severity_range (first_id, name, description)
CROSS JOIN generate_series(0, 3) AS step;

INSERT INTO otel.log_body_types (id, name, description) VALUES
    (0, 'EMPTY', 'A body is there, with nothing set.'),
    (1, 'STRING', 'string_value'),
    (2, 'BOOL', 'bool_value'),
    (3, 'INT', 'int_value, 64 bits, signed'),
    (4, 'DOUBLE', 'double_value'),
    (5, 'ARRAY', 'array_value, a list of values'),
    (6, 'KVLIST', 'kvlist_value, a list of keys and values'),
    (7, 'BYTES', 'bytes_value');

INSERT INTO otel.metric_types (id, name, description) VALUES
    (5, 'GAUGE', 'The value at a time.'),
    (7, 'SUM', 'The sum of all measurements over an interval.'),
    (9, 'HISTOGRAM', 'The distribution of the measurements over an interval, in buckets with explicit bounds.'),
    (10, 'EXPONENTIAL_HISTOGRAM', 'The distribution of the measurements over an interval, in buckets whose width grows exponentially.'),
    (11, 'SUMMARY', 'Quantiles that the producer computed; for the compatibility with other formats.');

INSERT INTO otel.aggregation_temporalities (id, name, description) VALUES
    (0, 'UNSPECIFIED', 'Not said; the specification forbids it.'),
    (1, 'DELTA', 'Since the point before.'),
    (2, 'CUMULATIVE', 'Since a fixed start, until the producer resets.');
