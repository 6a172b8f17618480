-- One expression each, without STRICT and without a search_path of their own: only so does the planner inline them,
-- fold them to a constant and exclude partitions by them.

CREATE OR REPLACE FUNCTION otel.id_at(t timestamptz) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN floor(extract(epoch FROM t - timestamptz '2020-01-01 00:00:00+00'))::bigint << 32;
COMMENT ON FUNCTION otel.id_at(timestamptz) IS
    'The lowest id of a row that arrived in the second of t: "id >= id_at(t)" is "arrived since then". Ids reach from 1951-12-14 to 2088-01-19; times outside wrap around.';

CREATE OR REPLACE FUNCTION otel.arrival_of(id bigint) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    -- 1577836800 is 2020-01-01 in Unix time; adding an interval would depend on the session's time zone.
    RETURN to_timestamp((id >> 32) + 1577836800);
COMMENT ON FUNCTION otel.arrival_of(bigint) IS 'When the row with this id arrived: the second, by PostgreSQL''s clock.';

CREATE OR REPLACE FUNCTION otel.u32(n integer) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN n::bigint & 4294967295;
COMMENT ON FUNCTION otel.u32(integer) IS 'The unsigned 32-bit number whose two''s complement is n. Sum u32(n), not n: above 2^31 the stored number is negative.';

CREATE OR REPLACE FUNCTION otel.u64(n bigint) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN n < 0 THEN n + 18446744073709551616 ELSE n::numeric END;
COMMENT ON FUNCTION otel.u64(bigint) IS 'The unsigned 64-bit number whose two''s complement is n. Sum u64(n), not n: above 2^63 the stored number is negative.';
