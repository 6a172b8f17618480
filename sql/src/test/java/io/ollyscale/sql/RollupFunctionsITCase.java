package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ollyscale.schema.identity.ServiceIdentity;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RollupFunctionsITCase {

    private static final BigInteger GAMMA_NUMERATOR = BigInteger.valueOf(101);
    private static final BigInteger GAMMA_DENOMINATOR = BigInteger.valueOf(99);

    private static TestDatabase database;

    @BeforeAll
    static void migrate() {
        database = TestDatabase.migrated();
    }

    @Test
    void binsAreWhatTheirDefinitionSays() throws Exception {
        Random random = new Random(1);
        List<Long> durations = new ArrayList<>(List.of(1L, 2L, 3L, 49L, 50L, 51L, Long.MAX_VALUE - 1, Long.MAX_VALUE));
        for (int i = 0; i < 300; i++) {
            durations.add(1 + (random.nextLong() >>> 1 + random.nextInt(63)));
        }
        durations.removeIf(duration -> duration <= 0);

        List<String> bins = database.query(
                "SELECT otel.duration_bin(d) FROM unnest('{%s}'::bigint[]) WITH ORDINALITY AS u (d, n) ORDER BY n"
                        .formatted(durations.stream().map(String::valueOf).collect(Collectors.joining(","))));

        for (int i = 0; i < durations.size(); i++) {
            long duration = durations.get(i);
            int bin = Integer.parseInt(bins.get(i));
            assertThat(reaches(bin, duration)).as("%d in %d", duration, bin).isTrue();
            assertThat(bin > 0 && reaches(bin - 1, duration))
                    .as("%d below %d", duration, bin)
                    .isFalse();
        }
        assertThat(
                        database.value(
                                "SELECT cardinality(otel.duration_bin_bounds()), otel.duration_bin(1), otel.duration_bin(9223372036854775807)"))
                .isEqualTo("2184|0|2184");
    }

    /** Whether gamma^bin is at least the duration. */
    private static boolean reaches(int bin, long duration) {
        return BigInteger.valueOf(duration).multiply(GAMMA_DENOMINATOR.pow(bin)).compareTo(GAMMA_NUMERATOR.pow(bin))
                <= 0;
    }

    @Test
    void theValueOfABinIsWithinOnePercentOfWhatIsInIt() throws Exception {
        assertThat(database.query("""
                SELECT d FROM (
                    SELECT power(10, n / 250.0)::bigint AS d FROM generate_series(0, 4700) AS n UNION SELECT unnest(otel.duration_bin_bounds())
                    UNION SELECT b - 1 FROM unnest(otel.duration_bin_bounds()) AS b
                ) AS durations
                WHERE abs(otel.duration_bin_ns(otel.duration_bin(d)) - d) > 0.01 * (1 + 1e-9) * d
                """)).isEmpty();
    }

    @Test
    void thePlannerSeesThroughWhatIsCalledForEachSpan() throws Exception {
        String plan = String.join("\n", database.query("""
                EXPLAIN (VERBOSE, COSTS OFF) SELECT otel.duration_bin(duration_ns), otel.span_duration_ns(start_timestamp, start_nanos_fraction, duration_ns),
                    otel.adjusted_count(trace_state), otel.distinct_estimate(ARRAY[id]), otel.duration_bin_ns(kind)
                FROM otel.spans_fact
                """));

        assertThat(plan)
                .contains("Output")
                .doesNotContain("duration_bin", "span_duration_ns", "adjusted_count", "distinct_estimate");
    }

    @Test
    void aDurationIsTheEndMinusTheStartWhereThatIsOne() throws Exception {
        BigInteger two64 = BigInteger.ONE.shiftLeft(64);
        BigInteger two63 = BigInteger.ONE.shiftLeft(63);
        Random random = new Random(2);
        List<BigInteger> times = new ArrayList<>(List.of(
                BigInteger.ZERO,
                BigInteger.ONE,
                BigInteger.valueOf(1_700_000_000_123_456_789L),
                two63.subtract(BigInteger.TWO),
                two63.subtract(BigInteger.ONE),
                two63,
                two63.add(BigInteger.ONE),
                two63.add(BigInteger.valueOf(999)),
                two64.subtract(BigInteger.ONE)));
        for (int i = 0; i < 12; i++) {
            times.add(new BigInteger(64, random));
            times.add(two63.add(BigInteger.valueOf(random.nextInt(3000) - 1500)));
        }
        List<String> rows = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (BigInteger start : times) {
            for (BigInteger end : times) {
                long duration = end.subtract(start).longValue();
                boolean hasStart = start.signum() > 0;
                // As it is stored.
                rows.add("(%d, %s, %d)"
                        .formatted(
                                rows.size(),
                                hasStart
                                        ? "timestamptz '1970-01-01 00:00:00+00' + interval '1 microsecond' * 0 + '%s microseconds'::interval, %d::smallint"
                                                .formatted(
                                                        start.divide(BigInteger.valueOf(1000)),
                                                        start.mod(BigInteger.valueOf(1000))
                                                                .intValue())
                                        : "NULL::timestamptz, NULL::smallint",
                                duration));
                boolean valid = hasStart
                        && end.signum() > 0
                        && end.compareTo(start) >= 0
                        && end.subtract(start).bitLength() < 64;
                expected.add(valid ? String.valueOf(duration) : "null");
            }
        }

        assertThat(database.query("SELECT otel.span_duration_ns(s, f, d) FROM (VALUES %s) AS v (n, s, f, d) ORDER BY n"
                        .formatted(String.join(", ", rows))))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ot=th:c                          | 4
            ot=th:8                          | 2
            ot=th:0                          | 1
            ot=th:fd70a4                     | 100.00009536752259
            ot=th:ffffffffffffff             | 72057594037927936
            ot=th:c;rv:abcdefabcdefab        | 4
            ot=rv:abcdefabcdefab;th:c        | 4
            ot=p:1;q:2;th:c;x:3              | 4
            vendor=1,ot=th:c                 | 4
            vendor=1, ot=th:c ,other=2       | 4
            ot=x:1,ot=th:c                   | 4
            ot=th:zz,ot=th:c                 | 4
            ot=th:8;th:c                     | 4
            ot=th:C                          | 1
            ot=th:                           | 1
            ot=th:0123456789abcde            | 1
            ot=th:c0g                        | 1
            ot=xth:c                         | 1
            xot=th:c                         | 1
            vendor=th:c                      | 1
            vendor=ot=th:c                   | 1
            OT=th:c                          | 1
            ''                               | 1
            nonsense                         | 1
            """)
    void aSpanStandsForWhatItsSamplerLeftOut(String traceState, double count) throws Exception {
        assertThat(Double.parseDouble(database.value("SELECT otel.adjusted_count($s$%s$s$)".formatted(traceState))))
                .isEqualTo(count);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 500, 20_000})
    void mergedSketchesAreTheSketchOfAllDurations(int rows) throws Exception {
        try (Connection connection = database.connect()) {
            randomSketches(connection, rows);

            assertThat(TestDatabase.query(
                            connection, "SELECT (otel.merge_sketches(zero_count, bins, counts)).* FROM sketches"))
                    .isEqualTo(TestDatabase.query(connection, """
                            SELECT (SELECT sum(zero_count) FROM sketches), coalesce(array_agg(bin ORDER BY bin), '{}'), coalesce(array_agg(count ORDER BY bin), '{}')
                            FROM (SELECT bin, sum(count)::bigint AS count FROM sketches, unnest(bins, counts) AS u (bin, count) GROUP BY bin) AS b
                            """));
        }
    }

    @Test
    void severalWorkersMergeTheSame() throws Exception {
        try (Connection connection = database.connect()) {
            randomSketches(connection, 50_000);
            String merge = "SELECT otel.merge_sketches(zero_count, bins, counts), otel.merge_ids(ids) FROM sketches";
            TestDatabase.execute(connection, "SET max_parallel_workers_per_gather = 0");
            List<String> alone = TestDatabase.query(connection, merge);
            TestDatabase.execute(
                    connection,
                    "SET max_parallel_workers_per_gather = 2",
                    "SET min_parallel_table_scan_size = 0",
                    "SET parallel_setup_cost = 0",
                    "SET parallel_tuple_cost = 0");

            assertThat(String.join("\n", TestDatabase.query(connection, "EXPLAIN " + merge)))
                    .contains("Partial Aggregate");
            assertThat(TestDatabase.query(connection, merge)).isEqualTo(alone);
        }
    }

    @Test
    void mergingLeavesOutRowsWithNulls() throws Exception {
        assertThat(database.value("""
                SELECT otel.merge_sketches(z, b::integer[], c::bigint[])
                FROM (VALUES (NULL::bigint, '{1}', '{1}'), (2, '{1,5}', '{1,1}'), (3, NULL, '{1}'), (1, '{5}', '{3}'), (7, '{1}', NULL)) AS v (z, b, c)
                """)).isEqualTo("(3,\"{1,5}\",\"{1,4}\")");
        assertThat(database.value("SELECT otel.merge_sketches(NULL, '{}', '{}') IS NULL"))
                .isEqualTo("t");
        assertThat(database.value("SELECT otel.merge_sketches(1, '{}', '{}') IS NULL FROM generate_series(1, 0)"))
                .isEqualTo("t");
        assertThat(database.value("SELECT otel.merge_sketches(1, '{}', '{}') FROM generate_series(1, 3)"))
                .isEqualTo("(3,{},{})");
    }

    /** Whatever comes, it is merged before it has grown to twice all bins there are. */
    @Test
    void theStateOfMergingIsBounded() throws Exception {
        assertThat(database.value("""
                WITH RECURSIVE added (n, state) AS (
                    SELECT 0, '(,,,)'::otel.sketches_to_merge
                    UNION ALL
                    SELECT n + 1, otel.add_sketch(state, 1, ARRAY(SELECT i FROM generate_series(n % 7, 2184, 7) AS i), ARRAY(SELECT 1 FROM generate_series(n % 7, 2184, 7)))
                    FROM added WHERE n < 300
                )
                SELECT max(cardinality((state).bins)) < 2 * 2185 + 500 + 313, max((state).zero_count) FROM added
                """)).isEqualTo("t|300");
    }

    @Test
    void mergeBinsIsTheSameForTwo() throws Exception {
        try (Connection connection = database.connect()) {
            randomSketches(connection, 400);

            assertThat(TestDatabase.query(connection, """
                    SELECT a.n FROM sketches AS a JOIN sketches AS b ON b.n = a.n + 1
                    CROSS JOIN LATERAL otel.merge_bins(a.bins, a.counts, b.bins, b.counts) AS m
                    CROSS JOIN LATERAL (
                        SELECT otel.merge_sketches(c.zero_count, c.bins, c.counts) AS merged FROM sketches AS c WHERE c.n IN (a.n, b.n)
                    ) AS s
                    WHERE (m.bins, m.counts) IS DISTINCT FROM ((s.merged).bins, (s.merged).counts)
                    """)).isEmpty();
        }
    }

    @Test
    void aQuantileIsTheBinOfTheExactOne() throws Exception {
        assertThat(database.query("""
                WITH duration AS (
                    SELECT g, CASE WHEN random() < 0.1 THEN 0 ELSE floor(exp(random() * 20))::bigint END AS ns FROM generate_series(1, 40) AS g, generate_series(1, g * g) AS n
                ), bin AS (
                    SELECT g, otel.duration_bin(ns) AS bin, count(*) AS count FROM duration WHERE ns > 0 GROUP BY 1, 2
                ), sketch AS (
                    SELECT g, (SELECT count(*) FROM duration AS d WHERE d.g = s.g AND d.ns = 0) AS zero_count,
                        coalesce((SELECT array_agg(bin ORDER BY bin) FROM bin AS b WHERE b.g = s.g), '{}') AS bins,
                        coalesce((SELECT array_agg(count ORDER BY bin) FROM bin AS b WHERE b.g = s.g), '{}') AS counts
                    FROM generate_series(1, 40) AS s (g)
                ), quantile AS (
                    SELECT s.g, q, (SELECT percentile_disc(q) WITHIN GROUP (ORDER BY d.ns) FROM duration AS d WHERE d.g = s.g) AS exact,
                        otel.sketch_quantile(zero_count, bins, counts, q) AS estimate,
                        otel.sketch_quantile(ROW(zero_count, bins, counts)::otel.duration_sketch, q) AS same
                    FROM sketch AS s, unnest('{0,0.001,0.25,0.5,0.9,0.95,0.99,0.999,1}'::double precision[]) AS q
                )
                SELECT * FROM quantile
                WHERE estimate IS DISTINCT FROM same OR estimate IS DISTINCT FROM CASE WHEN exact = 0 THEN 0 ELSE otel.duration_bin_ns(otel.duration_bin(exact)) END
                """)).isEmpty();
        assertThat(database.value(
                        "SELECT otel.sketch_quantiles(4, 1, '{10,20}', '{1,2}', '{0,0.25,0.5,0.75,1}') = ARRAY[0, 0, otel.duration_bin_ns(10), "
                                + "otel.duration_bin_ns(20), otel.duration_bin_ns(20)]"))
                .isEqualTo("t");
    }

    @Test
    void anEmptySketchHasNoQuantile() throws Exception {
        assertThat(
                        database.value(
                                "SELECT otel.sketch_quantile(0, '{}', '{}', 0.5), otel.sketch_quantile(NULL::otel.duration_sketch, 0.5)"))
                .isEqualTo("null|null");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-0.01", "1.01", "'NaN'"})
    void aQuantileIsBetween0And1(String q) {
        assertThatThrownBy(() -> database.query("SELECT otel.sketch_quantile(1, '{}', '{}', " + q + ")"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("between 0 and 1")
                .extracting(e -> ((SQLException) e).getSQLState())
                .isEqualTo("22003");
    }

    @Test
    void distinctCountsAreExactBelow1024AndThenToAFewPercent() throws Exception {
        assertThat(database.query("""
                SELECT otel.distinct_estimate(otel.least_ids(ARRAY(SELECT ('x' || left(md5(i::text), 16))::bit(64)::bigint FROM generate_series(1, n) AS i, generate_series(1, 2))))
                FROM unnest('{0,1,1000,1023}'::integer[]) AS n
                """)).containsExactly("0", "1", "1000", "1023");
        assertThat(database.query("""
                SELECT n FROM (
                    SELECT n, otel.distinct_estimate(otel.least_ids(ARRAY(SELECT ('x' || left(md5(i::text), 16))::bit(64)::bigint FROM generate_series(1, n) AS i))) AS estimate
                    FROM unnest('{1024,1025,2000,50000,300000}'::integer[]) AS n
                ) AS e WHERE abs(estimate - n) > 0.1 * n
                """)).isEmpty();
        assertThat(database.value(
                        "SELECT otel.distinct_estimate(NULL), otel.least_ids(NULL), otel.least_ids('{3,NULL,-5,3}')"))
                .isEqualTo("null|null|{-5,3}");
    }

    @Test
    void mergedIdsAreTheLeastOfAll() throws Exception {
        try (Connection connection = database.connect()) {
            randomSketches(connection, 3000);

            assertThat(TestDatabase.query(connection, """
                    SELECT otel.merge_ids(ids) = otel.least_ids((SELECT array_agg(id) FROM sketches, unnest(ids) AS id)), cardinality(otel.merge_ids(ids)) FROM sketches
                    """)).containsExactly("t|1024");
        }
        assertThat(database.value("SELECT otel.merge_ids(NULL)")).isEqualTo("{}");
    }

    @Test
    void theOverflowOperationIsTheOneThatIngestWouldName() throws Exception {
        Random random = new Random(3);
        List<Long> services = new ArrayList<>(List.of(0L, 1L, -1L, Long.MIN_VALUE, Long.MAX_VALUE));
        random.longs(50).forEach(services::add);
        List<String> expected = services.stream()
                .map(service -> ServiceIdentity.operationHash(service, "otel.overflow", 0))
                .map(hash -> hash.id() + "|" + hash.hex())
                .toList();

        assertThat(database.query(
                        "SELECT otel.overflow_operation_id(s), otel.overflow_operation_hash(s) FROM unnest('{%s}'::bigint[]) WITH ORDINALITY AS u (s, n) ORDER BY n"
                                .formatted(
                                        services.stream().map(String::valueOf).collect(Collectors.joining(",")))))
                .isEqualTo(expected);
    }

    /** A table of sketches, the more the wider, and of sets of ids, of which a thousand rows have more than 1,024. */
    private static void randomSketches(Connection connection, int rows) throws SQLException {
        TestDatabase.execute(connection, "DROP TABLE IF EXISTS sketches", """
                CREATE UNLOGGED TABLE sketches AS
                SELECT n, floor(random() * 3)::bigint AS zero_count, s.bins, ARRAY(SELECT 1 + floor(random() * 1000)::bigint FROM unnest(s.bins)) AS counts, i.ids
                FROM generate_series(1, %d) AS n
                CROSS JOIN LATERAL (
                    SELECT ARRAY(SELECT DISTINCT floor(random() * least(2185, 10 + n))::integer FROM generate_series(1, floor(random() * 12)::integer + n * 0) ORDER BY 1) AS bins
                ) AS s
                CROSS JOIN LATERAL (SELECT ARRAY(SELECT DISTINCT floor(random() * 5000 - 2500)::bigint FROM generate_series(1, 3 + n * 0) ORDER BY 1) AS ids) AS i
                """.formatted(rows));
    }
}
