package io.ollyscale.functions.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.functions.ledger.LedgerPosition;
import io.ollyscale.functions.testing.Folding;
import io.ollyscale.schema.otlp.EncodedRecord;
import io.ollyscale.schema.otlp.OperationRollup;
import io.ollyscale.schema.otlp.RecordPart;
import io.ollyscale.schema.otlp.UnitRange;
import io.ollyscale.schema.testing.RandomSpans;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The views of rollups say what the facts say, at every moment and whatever has happened to ingest and to folding. */
@ExtendWith(Servers.class)
class RollupsEqualFactsITCase {
    private static final int CASES = 100;
    private static final int OPERATIONS = 5;

    /** Ten times a hundred cases. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void whateverHappens(long seed, Stack stack) throws Exception {
        stack.execute("CREATE INDEX ON otel.spans_fact (name)");
        Run run = new Run(stack, new Random(seed));
        for (int i = 0; i < CASES; i++) {
            run.step();
            assertThat(run.differences())
                    .as("seed %d, case %d: %s", seed, i, run.last)
                    .isEmpty();
        }
        run.foldAll();
        assertThat(run.differences()).as("seed %d, folded", seed).isEmpty();
        assertThat(Integer.parseInt(stack.value("SELECT count(*) FROM otel.spans_fact")))
                .isGreaterThan(CASES);
        assertThat(Integer.parseInt(stack.value("SELECT count(*) FROM otel.quarantine")))
                .isPositive();
    }

    @Test
    void differIfPartialsHaveATransactionOfTheirOwn(Stack stack) throws Exception {
        Run run = new Run(stack, new Random(1));
        RowBatch batch = stack.batch(0, run.spans.record(20));
        for (int restart = 0; restart < 2; restart++) {
            // The second time the writer finds the record stored already; whoever writes partials apart doesn't know.
            stack.writer().transactionRows(TransactionRows.NONE).open().store(batch);
            copyPartialsOf(batch, stack);
        }

        assertThat(run.differences()).isNotEmpty();
    }

    /** Of windows, and of a day's merged ones: those that percentile_disc finds among the spans themselves. At a bin's end it is 1 % exactly. */
    @Test
    void haveQuantilesToOnePercent(Stack stack) throws Exception {
        stack.execute("CREATE INDEX ON otel.spans_fact (name)");
        Run run = new Run(stack, new Random(3));
        for (int i = 0; i < 30; i++) {
            run.storeSome();
            if (i == 15) {
                run.admitOperations("true");
                run.foldAll();
            }
        }
        String durations = """
                SELECT f.%s, date_bin('%s', f.start_timestamp, '2000-01-01 00:00+00') AS window_start,
                    percentile_disc(ARRAY[0.5, 0.9, 0.95, 0.99]) WITHIN GROUP (
                        ORDER BY coalesce(otel.span_duration_ns(f.start_timestamp, f.start_nanos_fraction, f.duration_ns), 0)) AS exact
                FROM otel.spans_fact AS f WHERE f.start_timestamp IS NOT NULL AND (f.kind IN (2, 5) OR %s) GROUP BY 1, 2
                """;
        String compared =
                "SELECT count(*) > %d, count(*) FILTER (WHERE EXISTS (SELECT FROM unnest(q.exact, q.ours) AS v (exact, ours)"
                        + " WHERE (abs(v.ours - v.exact) <= 0.010000001 * v.exact) IS NOT TRUE)) FROM (%s) AS q";
        String windows = """
                SELECT e.exact, ARRAY[v.p50_ns, v.p90_ns, v.p95_ns, v.p99_ns] AS ours
                FROM (%s) AS e JOIN otel.%s AS v ON v.window_start = e.window_start AND v.%s = e.%3$s
                """;
        String day = """
                SELECT e.exact, ARRAY(SELECT otel.sketch_quantile(d.sketch, q) FROM unnest('{0.5,0.9,0.95,0.99}'::float8[]) AS q) AS ours
                FROM (%s) AS e JOIN (
                    SELECT v.service_id, date_bin('1 day', v.window_start, '2000-01-01 00:00+00') AS window_start,
                        otel.merge_sketches(v.sketch_zero_count, v.sketch_bins, v.sketch_counts) AS sketch
                    FROM otel.service_minutes AS v GROUP BY 1, 2
                ) AS d ON d.window_start = e.window_start AND d.service_id = e.service_id
                """;

        assertThat(stack.query(compared.formatted(
                        100,
                        windows.formatted(
                                durations.formatted("operation_id", "1 minute", "true"),
                                "operation_minutes",
                                "operation_id"))))
                .containsExactly("t|0");
        assertThat(stack.query(compared.formatted(
                        50,
                        windows.formatted(
                                durations.formatted("service_id", "1 hour", "false"), "service_hours", "service_id"))))
                .containsExactly("t|0");
        assertThat(stack.query(
                        compared.formatted(50, day.formatted(durations.formatted("service_id", "1 day", "false")))))
                .containsExactly("t|0");
    }

    private static void copyPartialsOf(RowBatch batch, Stack stack) throws SQLException {
        EncodedRecord rows = OperationRollup.of(List.of(new RecordPart(
                        batch.rows(), new UnitRange(0, batch.rows().units()))))
                .next();
        try (Connection connection = stack.connect()) {
            long seconds = Long.parseLong(stack.value("SELECT otel.id_at(now()) >> 32"));
            RowIdBlocks blocks = new RowIdBlocks();
            blocks.add(Integer.parseInt(stack.value("SELECT nextval('otel.fact_id_blocks')")));
            var ids = blocks.take(seconds, rows.rowIds());
            rows.chunks().forEach(chunk -> chunk.stamp(ids));
            new CopyTarget(connection).copy(List.of(rows));
        }
    }

    /** What one database goes through. */
    private static final class Run {
        private final Stack stack;
        private final Random random;
        private final RandomSpans spans;
        private final Folding folding;
        private final List<List<LedgerPosition>> checkpoints = new ArrayList<>();
        private final List<RowBatch> log = new ArrayList<>();
        private Writer writer;
        private String last;

        Run(Stack stack, Random random) throws SQLException {
            this.stack = stack;
            this.random = random;
            folding = new Folding(stack::connect, random);
            spans = new RandomSpans(random, System.currentTimeMillis() * 1_000_000, OPERATIONS);
            writer = stack.writer().open();
        }

        void step() throws Exception {
            int what = random.nextInt(12);
            last = "step " + what;
            switch (what) {
                case 0 -> restart(List.of());
                case 1 ->
                    restart(checkpoints.isEmpty() ? List.of() : checkpoints.get(random.nextInt(checkpoints.size())));
                case 2 -> storeTwiceAtOnce();
                case 3 -> admitOperations("s.operation_id % 7 = " + (random.nextInt(13) - 6));
                case 4 -> stack.execute("UPDATE otel.ingest_ledger SET safe_offset = next_offset");
                case 5 -> folding.fold();
                case 6 -> folding.foldByMany();
                case 7 -> folding.foldAndKill();
                default -> storeSome();
            }
        }

        List<String> differences() throws Exception {
            return folding.differences();
        }

        void foldAll() throws Exception {
            stack.execute("UPDATE otel.ingest_ledger SET safe_offset = next_offset");
            folding.foldAll();
            assertThat(folding.unfolded()).isEmpty();
        }

        private void storeSome() throws Exception {
            List<RowBatch> batches = new ArrayList<>();
            // Some of what was read before, as after a restart.
            if (!log.isEmpty() && random.nextBoolean()) {
                batches.addAll(log.subList(random.nextInt(log.size()), log.size()));
            }
            for (int n = random.nextInt(4); n >= 0; n--) {
                batches.add(next());
            }
            writer.store(batches.toArray(RowBatch[]::new));
            checkpoints.add(writer.store().stored());
        }

        private RowBatch next() throws Exception {
            RowBatch batch = stack.batch(log.size(), record());
            log.add(batch);
            return batch;
        }

        private TracesData record() {
            TracesData record = spans.record(1 + random.nextInt(30));
            return random.nextInt(8) == 0 ? RandomSpans.withARefusedSpan(record) : record;
        }

        private void restart(List<LedgerPosition> restored) throws Exception {
            writer.close();
            writer = stack.writer().restored(restored).open();
        }

        /** Two jobs: what one has stored the other finds in the ledger. */
        private void storeTwiceAtOnce() throws Exception {
            Writer other = stack.writer().id("other").open();
            other.store(log.toArray(RowBatch[]::new));
            // Each its own rows: ids are written into them.
            TracesData record = record();
            RowBatch batch = stack.batch(log.size(), record);
            RowBatch same = stack.batch(log.size(), record);
            log.add(batch);
            Future<Void> first = writer.storeInBackground(batch);
            Future<Void> second = other.storeInBackground(same);
            first.get();
            second.get();
            other.close();
        }

        private void admitOperations(String which) throws SQLException {
            stack.execute(
                    "INSERT INTO otel.operation_dim (operation_id, service_id, first_seen, last_seen, span_kind, operation_hash, name)"
                            + " SELECT DISTINCT ON (s.operation_id) s.operation_id, s.service_id, now(), now(), s.kind, s.operation_id::text, s.name"
                            + " FROM otel.spans_fact AS s WHERE " + which
                            + " ON CONFLICT DO NOTHING");
        }
    }
}
