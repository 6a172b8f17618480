package io.ollyscale.functions.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.ollyscale.functions.testing.Findings;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.policy.AttributeContext;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.policy.ContextPolicy;
import io.ollyscale.schema.policy.DroppedKeys;
import io.ollyscale.schema.policy.PromotedKey;
import io.ollyscale.schema.policy.ValueType;
import io.ollyscale.schema.testing.MetricRecords;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever happens to dimensions on their way or in their tables, each fact's are there: without them a data point
 * wouldn't even have its attributes. */
@ExtendWith(ServersExtension.class)
class DimensionFaultsITCase {
    /** What a point's series refers to can't be asked for without it. */
    private static final String ALL_MISSING =
            "logs resource|%1$d, logs scope|%1$d, logs service|%1$d, metrics series|%1$d,"
                    + " traces operation|%1$d, traces resource|%1$d, traces scope|%1$d, traces service|%1$d";

    private static final Map<String, String> DIMENSIONS_BY_KIND =
            Map.of("resource", "resources_dim", "metric", "metrics_dim", "series", "metric_series_dim");

    /** The crash between the facts' commit and the dimensions' write, and a state that is lost. */
    @Test
    void writesThemAfterAStartWithoutState(Scenario scenario) throws Exception {
        storeFactsAlone(scenario);

        scenario.start(JobPlan.PLAIN);
        scenario.assertStoredOnce();
    }

    /** What would become of them if safe_offset went by the facts alone. */
    @Test
    void wouldLoseThemIfTheSafeOffsetDidNotCoverThem(Scenario scenario) throws Exception {
        storeFactsAlone(scenario);
        List<String> missing = scenario.store().factsWithoutDimension();
        scenario.store().execute("UPDATE otel.ingest_ledger SET safe_offset = next_offset");

        scenario.start(JobPlan.PLAIN).checkpoint();
        assertThat(scenario.store().factsWithoutDimension()).isEqualTo(missing);
    }

    @Test
    void writesThemAfterARestore(Scenario scenario) throws Exception {
        RunningJob job = scenario.start(JobPlan.PLAIN);
        scenario.feed(job, 6);
        job.checkpoint();
        try (Connection locked = lockDimensions(scenario)) {
            // Spans of services that weren't seen before.
            scenario.feed(job, 12);
            job.cancel();
            endDimensionSessions(scenario);
            locked.rollback();
        }
        assertThat(scenario.store().factsWithoutDimension()).isNotEmpty();

        List<String> checkpoints = job.checkpoints();
        scenario.start(JobPlan.PLAIN.from(checkpoints.get(checkpoints.size() - 1)));
        scenario.assertStoredOnce();
    }

    @Test
    void writesThemAgainOnceTheIntervalIsOver(Scenario scenario) throws Exception {
        RunningJob job = scenario.start(JobPlan.PLAIN.rewritingDimensions(Duration.ofMillis(200)));
        scenario.feed(job, 30);
        scenario.assertStoredOnce();
        deleteDimensions(scenario);

        job.awaitWhileRunning("dimensions to come back", () -> {
            scenario.feed(job, 30);
            return scenario.store().factsWithoutDimension().isEmpty();
        });
        scenario.assertStoredOnce();
    }

    @Test
    void writesThemOnceBeforeTheIntervalIsOver(Scenario scenario) throws Exception {
        RunningJob job = scenario.start(JobPlan.PLAIN);
        scenario.feed(job, 30);
        scenario.assertStoredOnce();
        deleteDimensions(scenario);

        scenario.feed(job, 30);
        job.checkpoint();
        assertThat(scenario.store().factsWithoutDimension())
                .containsExactly(ALL_MISSING.formatted(1200).split(", "));
    }

    @Test
    void writesKnownOnesUnderANewPolicy(Scenario scenario) throws Exception {
        RunningJob job = scenario.start(JobPlan.PLAIN);
        scenario.feed(job, 30);
        scenario.assertStoredOnce();
        assertThat(processIds(scenario)).isEmpty();
        assertThat(seriesWithoutTypedRoute(scenario)).isEqualTo("0");
        String savepoint = job.stopWithSavepoint();

        AttributePolicy promoting = new AttributePolicy(Map.of(
                AttributeContext.RESOURCE,
                new ContextPolicy(
                        Map.of("process.pid", new PromotedKey("process.pid", ValueType.INT, true, 0)),
                        DroppedKeys.of(List.of())),
                AttributeContext.METRIC,
                new ContextPolicy(
                        Map.of(MetricRecords.SHARD, new PromotedKey(MetricRecords.SHARD, ValueType.INT, true, 0)),
                        DroppedKeys.of(List.of()))));
        RunningJob restored = scenario.start(JobPlan.PLAIN.under(promoting).from(savepoint));
        // The same resources and series as before.
        scenario.feed(restored, 48);
        String series = scenario.store()
                .query("SELECT count(*) FROM otel.metric_series_dim")
                .get(0);
        restored.awaitWhileRunning(
                "the new attributes",
                () -> processIds(scenario).size() == 4
                        && seriesWithoutTypedRoute(scenario).equals(series));
        assertThat(processIds(scenario)).containsExactly("1000", "1001", "1002", "1003");
        assertThat(scenario.store()
                        .query("SELECT count(*), count(DISTINCT series_id) FROM otel.metric_attrs_unified"
                                + " WHERE key = 'http.route' AND str_value = '/items/{id}'"))
                .containsExactly(series + "|" + series);
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                argumentSet(
                        "resource",
                        "resources_dim FOR EACH ROW WHEN (NEW.service_name = 'service-0')",
                        List.of("resource|54000"),
                        List.of("logs resource|200", "metrics resource|200", "traces resource|200")),
                argumentSet(
                        "metric",
                        "metrics_dim FOR EACH ROW WHEN (NEW.name = 'test.duration')",
                        List.of("metric|54000"),
                        List.of("metrics metric|120")),
                argumentSet(
                        "attribute of series",
                        "metric_attrs_int FOR EACH ROW WHEN (NEW.value = 3)",
                        Collections.nCopies(60, "series|54000"),
                        List.of("metrics series|120")));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void goesOnWithARefusedOne(String refused, List<String> refusals, List<String> missing, Scenario scenario)
            throws Exception {
        scenario.store()
                .execute("CREATE FUNCTION public.test_fault() RETURNS trigger LANGUAGE plpgsql AS"
                        + " $$ BEGIN RAISE program_limit_exceeded; END $$;"
                        + " CREATE TRIGGER test_fault BEFORE INSERT ON otel." + refused
                        + " EXECUTE FUNCTION public.test_fault()");
        RunningJob job = scenario.start(JobPlan.PLAIN);
        scenario.feed(job, 30);
        job.checkpoint();

        assertThat(scenario.store().query("SELECT kind, sqlstate FROM otel.refused_dimensions"))
                .isEqualTo(refusals);
        assertThat(scenario.store().factsWithoutDimension()).isEqualTo(missing);
        assertThat(job.hasEnded()).isFalse();
    }

    /** As a weaker hash would have it. */
    @Test
    void keepsBothWhereTwoHashesBeginAlike(Scenario scenario) throws Exception {
        RunningJob first = scenario.start(JobPlan.PLAIN);
        scenario.feed(first, 30);
        scenario.assertStoredOnce();
        first.cancel();
        List<String> collisions = new ArrayList<>();
        for (String kind : DIMENSIONS_BY_KIND.keySet()) {
            String table = DIMENSIONS_BY_KIND.get(kind);
            String hash = scenario.store()
                    .query("SELECT min(" + kind + "_hash) FROM otel." + table)
                    .get(0);
            scenario.store()
                    .execute("UPDATE otel." + table + " SET " + kind + "_hash = overlay(" + kind
                            + "_hash placing repeat('0', 48) from 17) WHERE " + kind + "_hash = '" + hash + "'");
            collisions.add(kind + "|" + hash);
        }

        RunningJob second = scenario.start(JobPlan.PLAIN);
        scenario.feed(second, 30);
        second.checkpoint();
        assertThat(scenario.store().query("SELECT kind, hash FROM otel.dimension_collisions"))
                .containsExactlyInAnyOrderElementsOf(collisions);
        for (String kind : DIMENSIONS_BY_KIND.keySet()) {
            assertThat(scenario.store()
                            .query("SELECT count(*) FROM otel." + DIMENSIONS_BY_KIND.get(kind) + " WHERE " + kind
                                    + "_hash LIKE '%000000'"))
                    .as(kind)
                    .containsExactly("1");
        }
        assertThat(second.hasEnded()).isFalse();
    }

    /** What all of these tests rest on. */
    @Test
    void wouldBeSeenToLackAnAttribute(Scenario scenario) throws Exception {
        RunningJob job = scenario.start(JobPlan.PLAIN);
        scenario.feed(job, 6);
        scenario.assertStoredOnce();

        scenario.store()
                .execute("DELETE FROM otel.metric_attrs_string WHERE series_id = (SELECT min(series_id) FROM"
                        + " otel.metric_attrs_string)");
        Map<Signal, Findings> findings = scenario.findings();
        assertThat(findings.get(Signal.METRICS).altered()).isNotEmpty();
        assertThat(findings.get(Signal.LOGS)).isEqualTo(Findings.NONE);

        scenario.store().execute("UPDATE otel.resource_attrs_other SET attributes = attributes - 'process.pid'");
        assertThat(scenario.findings().values())
                .allSatisfy(signal -> assertThat(signal.altered()).hasSize(120));
    }

    @Test
    void stopsForGoodWithoutTheProcedure(Scenario scenario) throws Exception {
        RunningJob job = scenario.start(JobPlan.PLAIN);
        scenario.feed(job, 3);
        scenario.store().execute("ALTER PROCEDURE otel.upsert_dimension RENAME TO elsewhere");
        scenario.send(30);

        assertThat(job.awaitFailure())
                .contains("PostgreSQL says that our tables or statements are wrong (SQLSTATE 42883)");
    }

    /** Waits in the lock's queue, loses its session, and goes on. */
    @Test
    void outlastsTerminationOfTheirSession(Scenario scenario) throws Exception {
        RunningJob job = scenario.start(JobPlan.PLAIN);
        try (Connection locked = lockDimensions(scenario)) {
            scenario.feed(job, 12);
            job.awaitWhileRunning(
                    "a session to terminate",
                    () -> !scenario.store()
                            .query("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                                    + " WHERE datname = current_database() AND application_name = 'ollyscale dimensions'"
                                    + " AND wait_event_type = 'Lock'")
                            .isEmpty());
            locked.rollback();
        }
        scenario.feed(job, 12);
        scenario.assertStoredOnce();
    }

    /** Longer than a job takes to end, and shorter than the time after which the driver gives a silent server up. */
    private static final Duration PATIENCE_WITH_SILENCE = Duration.ofSeconds(30);

    /** A task that waits for a server itself can't be cancelled, and Flink ends the whole process for it. */
    @Test
    void endsWhileTheServerIsSilent(Scenario scenario) throws Exception {
        RunningJob job = scenario.start(JobPlan.PLAIN);
        String session;
        try (Connection locked = lockDimensions(scenario)) {
            scenario.feed(job, 12);
            String waiting = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                    + " AND application_name = 'ollyscale dimensions' AND wait_event_type = 'Lock'";
            job.awaitWhileRunning(
                    "a session that waits",
                    () -> !scenario.store().query(waiting).isEmpty());
            session = scenario.store().query(waiting).get(0);
            signal("STOP", session);
            try {
                long begun = System.nanoTime();
                job.cancel();
                assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(PATIENCE_WITH_SILENCE);
            } finally {
                signal("CONT", session);
            }
            locked.rollback();
        }
    }

    private static void signal(String signal, String pid) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + signal, pid).start().waitFor())
                .isZero();
    }

    /** A job whose facts are stored, and which ended before any dimension was. */
    private static void storeFactsAlone(Scenario scenario) throws Exception {
        try (Connection locked = lockDimensions(scenario)) {
            RunningJob job = scenario.start(JobPlan.PLAIN);
            scenario.feed(job, 30);
            job.cancel();
            endDimensionSessions(scenario);
            locked.rollback();
        }
        assertThat(scenario.store().factsWithoutDimension())
                .containsExactly(ALL_MISSING.formatted(600).split(", "));
    }

    /** Until the session's transaction ends, nobody writes dimensions. */
    private static Connection lockDimensions(Scenario scenario) throws SQLException {
        Connection session = scenario.store().connect();
        session.setAutoCommit(false);
        try (Statement statement = session.createStatement()) {
            statement.execute("LOCK TABLE otel.resources_dim, otel.scopes_dim, otel.service_dim, otel.operation_dim,"
                    + " otel.metrics_dim, otel.metric_series_dim IN EXCLUSIVE MODE");
        }
        return session;
    }

    /** The server goes on with what it was sent, whether or not anybody waits for the answer. */
    private static void endDimensionSessions(Scenario scenario) {
        await().until(() -> scenario.store()
                .query("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database()"
                        + " AND application_name = 'ollyscale dimensions'")
                .isEmpty());
    }

    private static void deleteDimensions(Scenario scenario) throws SQLException {
        scenario.store()
                .execute(
                        "DELETE FROM otel.resources_dim; DELETE FROM otel.scopes_dim; DELETE FROM otel.service_dim;"
                                + " DELETE FROM otel.operation_dim; DELETE FROM otel.metrics_dim; DELETE FROM otel.metric_series_dim");
    }

    private static List<String> processIds(Scenario scenario) throws SQLException {
        return scenario.store()
                .query("SELECT value FROM otel.resource_attrs_int WHERE key_id = otel.key_id('process.pid', 'int')"
                        + " ORDER BY value");
    }

    private static String seriesWithoutTypedRoute(Scenario scenario) throws SQLException {
        return scenario.store()
                .query(
                        "SELECT count(*) FROM otel.metric_series_dim AS s WHERE NOT EXISTS (SELECT FROM otel.metric_attrs_string"
                                + " AS a WHERE a.series_id = s.series_id AND a.key_id = otel.key_id('http.route', 'string'))")
                .get(0);
    }
}
