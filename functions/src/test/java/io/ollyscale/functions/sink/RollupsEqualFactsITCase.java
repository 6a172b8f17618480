package io.ollyscale.functions.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.functions.ledger.LedgerPosition;
import io.ollyscale.functions.testing.Folding;
import io.ollyscale.schema.otlp.OperationRollup;
import io.ollyscale.schema.otlp.RecordPart;
import io.ollyscale.schema.otlp.UnitRange;
import io.ollyscale.schema.testing.RandomSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
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

    /** An index whose entries end at 2,704 bytes refuses it with SQLSTATE 54000, as it can't be compressed. */
    private static final String REFUSED_NAME = new Random(1)
            .ints(5_000, 'a', 'z' + 1)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();

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

    private static void copyPartialsOf(RowBatch batch, Stack stack) throws SQLException {
        var rows = OperationRollup.of(List.of(
                new RecordPart(batch.rows(), new UnitRange(0, batch.rows().units()))));
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
                case 3 -> admitOperations();
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
            return random.nextInt(8) == 0 ? withARefusedSpan(record) : record;
        }

        private static TracesData withARefusedSpan(TracesData record) {
            TracesData.Builder changed = record.toBuilder();
            ScopeSpans.Builder scope = changed.getResourceSpansBuilder(0).getScopeSpansBuilder(0);
            scope.getSpansBuilder(scope.getSpansCount() / 2).setName(REFUSED_NAME);
            return changed.build();
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

        private void admitOperations() throws SQLException {
            stack.execute(
                    "INSERT INTO otel.operation_dim (operation_id, service_id, first_seen, last_seen, span_kind, operation_hash, name)"
                            + " SELECT DISTINCT ON (s.operation_id) s.operation_id, s.service_id, now(), now(), s.kind, s.operation_id::text, s.name"
                            + " FROM otel.spans_fact AS s WHERE s.operation_id % 7 = " + (random.nextInt(13) - 6)
                            + " ON CONFLICT DO NOTHING");
        }
    }
}
