-- What rollups are made of. Ingest counts in Java by the same rules.

CREATE OR REPLACE FUNCTION otel.span_duration_ns(start_timestamp timestamptz, start_nanos_fraction smallint, duration_ns bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    -- From 2^63 nanoseconds on (2262-04-11) an end that is unset or before the start differs from it by a positive number: there
    -- the sum tells.
    RETURN CASE
        WHEN duration_ns >= 0
            AND (start_timestamp < timestamptz '2262-04-11 23:47:16.854775+00'
                OR extract(epoch FROM start_timestamp - timestamptz '1970-01-01 00:00:00+00') * 1000000000 + start_nanos_fraction + duration_ns
                    < 18446744073709551616)
            THEN duration_ns
        END;
COMMENT ON FUNCTION otel.span_duration_ns(timestamptz, smallint, bigint) IS
    'A span''s duration in nanoseconds as rollups count it, of columns of spans_fact; NULL where it has none: the start or the end is unset, the end lies before the start, or 292 years behind it. Rollups count that as 0.';

CREATE OR REPLACE FUNCTION otel.adjusted_count(trace_state text) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    -- Of 2^56 random values the sampler kept those from the threshold on. Its digits lack trailing zeros.
    RETURN CASE
        WHEN trace_state = '' THEN 1
        ELSE coalesce(
            72057594037927936::double precision / (72057594037927936 - (
                'x' || rpad(substring(trace_state FROM '(?:^|,)[ \t]*ot=(?:[^,;]*;)*th:([0-9a-f]{1,14})[ \t]*(?:[;,]|$)'), 14, '0')
            )::bit(56)::bigint)::double precision,
            1)
        END;
COMMENT ON FUNCTION otel.adjusted_count(text) IS
    'How many spans a span with this W3C trace state stands for: 2^56 / (2^56 - T) by the rejection threshold T that OpenTelemetry''s samplers leave there (ot=th:…, 1 to 14 lower-case hexadecimal digits). 1 where there is none or it is not well-formed.';

-- A literal, which the planner computes nothing for.
DO $generate$
DECLARE
    bounds bigint[] := '{}';
    numerator numeric := 1;
    denominator numeric := 1;
    bound numeric;
BEGIN
    LOOP
        bound := div(numerator, denominator) + 1;
        EXIT WHEN bound > 9223372036854775807;
        bounds := bounds || bound::bigint;
        numerator := numerator * 101;
        denominator := denominator * 99;
    END LOOP;
    EXECUTE format(
        'CREATE OR REPLACE FUNCTION otel.duration_bin_bounds() RETURNS bigint[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS %L',
        format('SELECT %L::bigint[]', bounds));
END
$generate$;
COMMENT ON FUNCTION otel.duration_bin_bounds() IS
    'Part of duration_bin: the least nanoseconds beyond each bin, floor((101/99)^i) + 1 for i = 0, 1, … as far as a bigint reaches. Exact, so that every program has the same bins.';

CREATE OR REPLACE FUNCTION otel.duration_bin(ns bigint) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN width_bucket(ns, otel.duration_bin_bounds());
COMMENT ON FUNCTION otel.duration_bin(bigint) IS
    'The DDSketch bin of a duration of at least 1 ns: the smallest i with ns <= (101/99)^i, 0 to 2184. Bins of this width are 1 % from their value. Durations of 0 have none, sketches count them apart.';

CREATE OR REPLACE FUNCTION otel.duration_bin_ns(bin integer) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    -- 2 gamma^i / (gamma + 1) with gamma = 101/99.
    RETURN 0.99::double precision * power(101::double precision / 99, bin);
COMMENT ON FUNCTION otel.duration_bin_ns(integer) IS
    'The value that stands for all durations in a bin, in nanoseconds: none of them is more than 1 % from it.';

CREATE OR REPLACE FUNCTION otel.compact_sketches(state otel.sketches_to_merge) RETURNS otel.sketches_to_merge
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    IF cardinality(state.bins) > state.merged_bins THEN
        SELECT array_agg(b.bin ORDER BY b.bin), array_agg(b.count ORDER BY b.bin), count(*)
        INTO state.bins, state.counts, state.merged_bins
        FROM (
            SELECT u.bin, sum(u.count)::bigint AS count FROM unnest(state.bins, state.counts) AS u (bin, count) GROUP BY u.bin
        ) AS b;
    END IF;
    RETURN state;
END
$$;
COMMENT ON FUNCTION otel.compact_sketches(otel.sketches_to_merge) IS 'Part of merge_sketches: each bin once.';

CREATE OR REPLACE FUNCTION otel.add_sketch(state otel.sketches_to_merge, zero_count bigint, bins integer[], counts bigint[])
    RETURNS otel.sketches_to_merge
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    IF state.zero_count IS NULL THEN
        RETURN ROW(zero_count, cardinality(bins), bins, counts)::otel.sketches_to_merge;
    END IF;
    state := ROW(state.zero_count + zero_count, state.merged_bins, state.bins || bins, state.counts || counts)::otel.sketches_to_merge;
    -- There are 2,185 bins, so it never grows beyond a few thousand. Twice what is merged, so that merging isn't repeated for a few.
    IF cardinality(state.bins) > 2 * state.merged_bins + 500 THEN
        RETURN otel.compact_sketches(state);
    END IF;
    RETURN state;
END
$$;
COMMENT ON FUNCTION otel.add_sketch(otel.sketches_to_merge, bigint, integer[], bigint[]) IS 'Part of merge_sketches: takes one more.';

CREATE OR REPLACE FUNCTION otel.add_sketches(state otel.sketches_to_merge, other otel.sketches_to_merge) RETURNS otel.sketches_to_merge
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    IF other.zero_count IS NULL THEN
        RETURN state;
    END IF;
    IF state.zero_count IS NULL THEN
        RETURN other;
    END IF;
    RETURN otel.compact_sketches(
        ROW(state.zero_count + other.zero_count, state.merged_bins, state.bins || other.bins, state.counts || other.counts)::otel.sketches_to_merge);
END
$$;
COMMENT ON FUNCTION otel.add_sketches(otel.sketches_to_merge, otel.sketches_to_merge) IS
    'Part of merge_sketches: joins what several workers have merged.';

CREATE OR REPLACE FUNCTION otel.merged_sketch(state otel.sketches_to_merge) RETURNS otel.duration_sketch
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    IF state.zero_count IS NULL THEN
        RETURN NULL;
    END IF;
    IF cardinality(state.bins) > state.merged_bins THEN
        state := otel.compact_sketches(state);
    END IF;
    RETURN ROW(state.zero_count, state.bins, state.counts)::otel.duration_sketch;
END
$$;
COMMENT ON FUNCTION otel.merged_sketch(otel.sketches_to_merge) IS 'Part of merge_sketches: the result.';

CREATE OR REPLACE AGGREGATE otel.merge_sketches(zero_count bigint, bins integer[], counts bigint[]) (
    SFUNC = otel.add_sketch,
    STYPE = otel.sketches_to_merge,
    SSPACE = 8192,
    FINALFUNC = otel.merged_sketch,
    COMBINEFUNC = otel.add_sketches,
    INITCOND = '(,,,)',
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE otel.merge_sketches(bigint, integer[], bigint[]) IS
    'The sketch of all durations of several sketches: merge_sketches(sketch_zero_count, sketch_bins, sketch_counts), of any rows of operation_minutes and its like. A row with a NULL is left out; NULL where there is no other. Exact: as if all durations had been in one sketch.';

CREATE OR REPLACE FUNCTION otel.merge_bins(INOUT bins integer[], INOUT counts bigint[], more_bins integer[], more_counts bigint[])
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    place integer;
BEGIN
    IF cardinality(more_bins) > cardinality(bins) THEN
        SELECT more_bins, more_counts, bins, counts INTO bins, counts, more_bins, more_counts;
    END IF;
    FOR i IN 1..cardinality(more_bins) LOOP
        place := width_bucket(more_bins[i], bins);
        IF bins[place] = more_bins[i] THEN
            counts[place] := counts[place] + more_counts[i];
        ELSE
            bins := bins[:place] || more_bins[i] || bins[place + 1:];
            counts := counts[:place] || more_counts[i] || counts[place + 1:];
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION otel.merge_bins(integer[], bigint[], integer[], bigint[]) IS
    'Part of fold_rollups: merge_sketches for two, fast where the smaller one has few bins that the larger has not.';

CREATE OR REPLACE FUNCTION otel.sketch_quantiles(span_count bigint, zero_count bigint, bins integer[], counts bigint[], quantiles double precision[])
    RETURNS double precision[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    quantile double precision;
    rank double precision;
    place integer := 0;
    reached bigint := zero_count;
    found double precision[] := '{}';
BEGIN
    IF span_count = 0 THEN
        RETURN NULL;
    END IF;
    FOREACH quantile IN ARRAY quantiles LOOP
        -- As percentile_disc has it.
        rank := GREATEST(ceil(quantile * span_count), 1);
        WHILE reached < rank LOOP
            place := place + 1;
            reached := reached + counts[place];
        END LOOP;
        found := found || CASE WHEN place = 0 THEN 0 ELSE otel.duration_bin_ns(bins[place]) END;
    END LOOP;
    RETURN found;
END
$$;
COMMENT ON FUNCTION otel.sketch_quantiles(bigint, bigint, integer[], bigint[], double precision[]) IS
    'Part of sketch_quantile and the rollups: several quantiles, ascending, of a sketch of span_count durations. NULL for an empty one.';

CREATE OR REPLACE FUNCTION otel.sketch_quantile(zero_count bigint, bins integer[], counts bigint[], q double precision) RETURNS double precision
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    span_count bigint := zero_count;
    bin_count bigint;
BEGIN
    IF NOT q BETWEEN 0 AND 1 THEN
        RAISE EXCEPTION 'a quantile is between 0 and 1, not %', q USING ERRCODE = 'numeric_value_out_of_range';
    END IF;
    FOREACH bin_count IN ARRAY counts LOOP
        span_count := span_count + bin_count;
    END LOOP;
    RETURN (otel.sketch_quantiles(span_count, zero_count, bins, counts, ARRAY[q]))[1];
END
$$;
COMMENT ON FUNCTION otel.sketch_quantile(bigint, integer[], bigint[], double precision) IS
    'The duration in nanoseconds, to 1 %, that a share q of those in a sketch doesn''t exceed (0.99: the 99th percentile), of the columns sketch_zero_count, sketch_bins and sketch_counts of one row. As percentile_disc does it, it is one of the durations and not between two. NULL for an empty sketch. Error: 22003 where q is not between 0 and 1.';

CREATE OR REPLACE FUNCTION otel.sketch_quantile(sketch otel.duration_sketch, q double precision) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN otel.sketch_quantile((sketch).zero_count, (sketch).bins, (sketch).counts, q);
COMMENT ON FUNCTION otel.sketch_quantile(otel.duration_sketch, double precision) IS
    'The same of what merge_sketches returns: sketch_quantile(merge_sketches(sketch_zero_count, sketch_bins, sketch_counts), 0.99).';

CREATE OR REPLACE FUNCTION otel.least_ids(ids bigint[]) RETURNS bigint[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN ARRAY(SELECT DISTINCT u.id FROM unnest(ids) AS u (id) WHERE u.id IS NOT NULL ORDER BY u.id LIMIT 1024);
COMMENT ON FUNCTION otel.least_ids(bigint[]) IS
    'The least 1,024 of these ids, each once, ascending: what distinct_estimate() needs of a set, however large. Of several sets it is that of all of theirs together.';

CREATE OR REPLACE FUNCTION otel.add_ids(least_ids bigint[], ids bigint[]) RETURNS bigint[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    -- Nearly always, once a few rows were there.
    IF ids[1] > least_ids[1024] OR (cardinality(ids) <= 16 AND ids <@ least_ids) THEN
        RETURN least_ids;
    END IF;
    RETURN otel.least_ids(least_ids || ids);
END
$$;
COMMENT ON FUNCTION otel.add_ids(bigint[], bigint[]) IS 'Part of merge_ids: least_ids() of two sets, both ascending.';

CREATE OR REPLACE AGGREGATE otel.merge_ids(ids bigint[]) (
    SFUNC = otel.add_ids,
    STYPE = bigint[],
    SSPACE = 8192,
    COMBINEFUNC = otel.add_ids,
    INITCOND = '{}',
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE otel.merge_ids(bigint[]) IS
    'least_ids() of several sets together, each ascending: distinct_estimate(merge_ids(instance_ids)) says how many instances several rows of service_minutes have. {} for no rows.';

CREATE OR REPLACE FUNCTION otel.distinct_estimate(ids bigint[]) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    -- Ids are hashes, so they lie evenly in 2^64: where the least 1,024 reach is what share of all they are.
    RETURN CASE
        WHEN ids IS NULL THEN NULL
        WHEN cardinality(ids) < 1024 THEN cardinality(ids)
        ELSE LEAST(GREATEST(1023 / ((ids[1024] + 9223372036854775808::double precision) / 18446744073709551616::double precision), 1024), 9e18)::bigint
        END;
COMMENT ON FUNCTION otel.distinct_estimate(bigint[]) IS
    'How many distinct ids there were, by least_ids() of them: exact below 1,024, beyond that with a standard error of 3 %. NULL for NULL.';

CREATE OR REPLACE FUNCTION otel.overflow_operation_hash(service_id bigint) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    -- Lengths and numbers are 8 bytes, big-endian.
    RETURN encode(
        sha256(int8send(9) || 'operation'::bytea || int8send(service_id) || int8send(13) || 'otel.overflow'::bytea || int8send(0)),
        'hex');
COMMENT ON FUNCTION otel.overflow_operation_hash(bigint) IS
    'Part of overflow_operation_id: operation_dim.operation_hash of it, the SHA-256 of the canonical form that ingest hashes operations in.';

CREATE OR REPLACE FUNCTION otel.overflow_operation_id(service_id bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ('x' || left(otel.overflow_operation_hash(service_id), 16))::bit(64)::bigint;
COMMENT ON FUNCTION otel.overflow_operation_id(bigint) IS
    'The operation otel.overflow of a service, of kind 0: rollups count under it what operation_dim didn''t admit.';
