package io.ollyscale.functions.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.ollyscale.functions.testing.Folding;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.testing.OtlpValues;
import io.ollyscale.schema.testing.RandomSpans;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rollups equal the facts while a job reads random spans from Kafka, fails, goes back, and is replaced, and folding goes on. */
@ExtendWith(ServersExtension.class)
class RollupsOfAJobITCase {
    private static final int STEPS = 8;
    private static final int OPERATIONS = 5;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void equalFacts(long seed, Scenario scenario) throws Exception {
        scenario.store().execute("CREATE INDEX ON otel.spans_fact (name)");
        Life life = new Life(scenario, new Random(seed));
        for (int i = 0; i < STEPS; i++) {
            String step = life.step();
            assertThat(life.folding.differences())
                    .as("seed %d, step %d: %s", seed, i, step)
                    .isEmpty();
        }
        life.end();
        assertThat(life.folding.differences()).as("seed %d, folded", seed).isEmpty();
        assertThat(life.folding.unfolded()).isEmpty();
        assertThat(scenario.store()
                        .query("SELECT (SELECT count(*) FROM otel.spans_fact), (SELECT count(*) FROM otel.quarantine)"))
                .as("each span is stored once, but those that PostgreSQL refuses")
                .containsExactly((life.spansSent - life.refusedSent) + "|" + life.refusedSent);
    }

    /** Ids in span names: what a service may have of operations is limited, so rollups are. */
    @Test
    void countOneServiceWithThousandsOfSpanNamesInOneRow(Scenario scenario) throws Exception {
        int records = 30;
        int names = 1_000;
        RunningJob job = scenario.start(JobPlan.PLAIN);
        for (int record = 0; record < records; record++) {
            scenario.sendOther(Signal.TRACES, named(record * names, names));
        }
        scenario.awaitSafe(job);
        Folding folding = new Folding(scenario.store()::connect, new Random(1));
        assertThat(folding.differences()).as("before folding").isEmpty();
        folding.foldAll();

        assertThat(folding.unfolded()).isEmpty();
        assertThat(folding.differences()).isEmpty();
        assertThat(scenario.store()
                        .query("SELECT count(*), max(overflow_operations) BETWEEN 27000 AND 31000, sum(span_count)"
                                + " FROM otel.operation_minutes"))
                .containsExactly((Scenario.MAX_OPERATIONS + 1) + "|t|" + records * names);
        assertThat(scenario.store()
                        .query("SELECT cardinality(overflow_operation_ids) FROM otel.operation_rollup_1h"
                                + " WHERE overflow_operation_ids IS NOT NULL"))
                .containsExactly("1024");
    }

    /** Of one minute. */
    private static byte[] named(int first, int names) {
        ScopeSpans.Builder scope = ScopeSpans.newBuilder();
        for (int name = first; name < first + names; name++) {
            scope.addSpans(Span.newBuilder()
                    .setName("GET /carts/" + name)
                    .setStartTimeUnixNano(1_790_000_000_000_000_000L)
                    .setEndTimeUnixNano(1_790_000_000_001_000_000L + name));
        }
        return TracesData.newBuilder()
                .addResourceSpans(ResourceSpans.newBuilder()
                        .setResource(Resource.newBuilder().addAttributes(OtlpValues.attribute("service.name", "carts")))
                        .addScopeSpans(scope))
                .build()
                .toByteArray();
    }

    /** What happens to a scenario. */
    private static final class Life {
        private final Scenario scenario;
        private final Random random;
        private final RandomSpans spans;
        private final Folding folding;
        private final List<String> checkpoints = new ArrayList<>();
        private RunningJob job;
        private int spansSent;
        private int refusedSent;

        Life(Scenario scenario, Random random) throws Exception {
            this.scenario = scenario;
            this.random = random;
            spans = new RandomSpans(random, System.currentTimeMillis() * 1_000_000, OPERATIONS);
            folding = new Folding(scenario.store()::connect, random);
            send();
            job = scenario.start(JobPlan.PLAIN);
            scenario.awaitStored(job);
        }

        String step() throws Exception {
            send();
            int what = random.nextInt(8);
            switch (what) {
                case 0 -> restart(JobPlan.PLAIN);
                case 1 -> goBack();
                case 2 ->
                    job = scenario.start(
                            JobPlan.PLAIN.parallel(1 + random.nextInt(2)).from(job.stopWithSavepoint()));
                case 3 -> fail();
                case 4 -> replace();
                case 5 -> folding.fold();
                case 6 -> folding.foldByMany();
                default -> folding.foldAndKill();
            }
            if (random.nextBoolean()) {
                scenario.awaitStored(job);
            }
            return "step " + what;
        }

        void end() throws Exception {
            scenario.awaitSafe(job);
            folding.foldAll();
        }

        private void restart(JobPlan plan) throws Exception {
            cancel();
            job = scenario.start(plan);
        }

        /** Returns when the job runs behind the last failure: when it has stored what each signal was sent then. */
        private void fail() throws Exception {
            restart(JobPlan.PLAIN.failing(1, random.nextLong()));
            job.awaitWhileRunning("the failures", () -> job.failuresLeft() == 0);
            scenario.send(1);
            spansSent += NumberedUnits.UNITS_IN_RECORD;
            scenario.awaitStored(job);
        }

        /** To any checkpoint there was. */
        private void goBack() throws Exception {
            cancel();
            job = scenario.start(
                    checkpoints.isEmpty()
                            ? JobPlan.PLAIN
                            : JobPlan.PLAIN.from(checkpoints.get(random.nextInt(checkpoints.size()))));
        }

        private void cancel() throws Exception {
            job.cancel();
            checkpoints.addAll(job.checkpoints());
        }

        /** For a while there are two. */
        private void replace() throws Exception {
            RunningJob younger = scenario.start(JobPlan.PLAIN.named("younger"));
            send();
            scenario.awaitStored(younger);
            job.cancel();
            job = younger;
        }

        private void send() {
            for (int n = random.nextInt(6); n >= 0; n--) {
                int count = 1 + random.nextInt(30);
                TracesData record = spans.record(count);
                if (random.nextInt(10) == 0) {
                    record = RandomSpans.withARefusedSpan(record);
                    refusedSent++;
                }
                scenario.sendOther(Signal.TRACES, record.toByteArray());
                spansSent += count;
            }
        }
    }
}
