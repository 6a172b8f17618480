package io.ollyscale.functions.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ollyscale.schema.policy.AttributeContext;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.policy.ContextPolicy;
import io.ollyscale.schema.policy.PromotedKey;
import io.ollyscale.schema.policy.ValueType;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whatever happens to dimensions on their way or in their tables, each fact's resource, scope, service and operation is there. */
@ExtendWith(ServersExtension.class)
class DimensionFaultsITCase {
    private static final String ALL_MISSING = "operation|%1$d, resource|%1$d, scope|%1$d, service|%1$d";

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
        String savepoint = job.stopWithSavepoint();

        AttributePolicy promoting = new AttributePolicy(Map.of(
                AttributeContext.RESOURCE,
                new ContextPolicy(
                        Map.of("process.pid", new PromotedKey("process.pid", ValueType.INT, true, 0)), Set.of())));
        RunningJob restored = scenario.start(JobPlan.PLAIN.under(promoting).from(savepoint));
        // The same resources as before.
        scenario.feed(restored, 30);
        restored.awaitWhileRunning(
                "the new attributes", () -> processIds(scenario).size() == 4);
        assertThat(processIds(scenario)).containsExactly("1000", "1001", "1002", "1003");
    }

    @Test
    void goesOnWithARefusedOne(Scenario scenario) throws Exception {
        scenario.store()
                .execute("CREATE FUNCTION public.test_fault() RETURNS trigger LANGUAGE plpgsql AS"
                        + " $$ BEGIN RAISE program_limit_exceeded; END $$;"
                        + " CREATE TRIGGER test_fault BEFORE INSERT ON otel.resources_dim FOR EACH ROW"
                        + " WHEN (NEW.service_name = 'service-0') EXECUTE FUNCTION public.test_fault()");
        RunningJob job = scenario.start(JobPlan.PLAIN);
        scenario.feed(job, 30);
        job.checkpoint();

        assertThat(scenario.store().query("SELECT kind, sqlstate FROM otel.refused_dimensions"))
                .containsExactly("resource|54000");
        assertThat(scenario.store().factsWithoutDimension()).containsExactly("resource|200");
        assertThat(job.hasEnded()).isFalse();
    }

    /** As a weaker hash would have it. */
    @Test
    void keepsBothWhereTwoHashesBeginAlike(Scenario scenario) throws Exception {
        RunningJob first = scenario.start(JobPlan.PLAIN);
        scenario.feed(first, 30);
        scenario.assertStoredOnce();
        first.cancel();
        String hash = scenario.store()
                .query("SELECT resource_hash FROM otel.resources_dim WHERE service_name = 'service-0'")
                .get(0);
        scenario.store()
                .execute("UPDATE otel.resources_dim SET resource_hash = overlay(resource_hash placing"
                        + " repeat('0', 48) from 17), service_name = 'another' WHERE service_name = 'service-0'");

        RunningJob second = scenario.start(JobPlan.PLAIN);
        scenario.feed(second, 30);
        second.checkpoint();
        assertThat(scenario.store().query("SELECT kind, hash FROM otel.dimension_collisions"))
                .containsExactly("resource|" + hash);
        assertThat(scenario.store()
                        .query("SELECT service_name FROM otel.resources_dim WHERE resource_hash LIKE '%000000'"))
                .containsExactly("another");
        assertThat(second.hasEnded()).isFalse();
    }

    @Test
    void stopsForGoodWithoutTheProcedure(Scenario scenario) throws Exception {
        RunningJob job = scenario.start(JobPlan.PLAIN);
        scenario.feed(job, 3);
        scenario.store().execute("ALTER PROCEDURE otel.upsert_dimension RENAME TO elsewhere");
        scenario.spans().send(30);

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
            statement.execute("LOCK TABLE otel.resources_dim, otel.scopes_dim, otel.service_dim, otel.operation_dim"
                    + " IN EXCLUSIVE MODE");
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
                .execute("DELETE FROM otel.resources_dim; DELETE FROM otel.scopes_dim; DELETE FROM otel.service_dim;"
                        + " DELETE FROM otel.operation_dim");
    }

    private static List<String> processIds(Scenario scenario) throws SQLException {
        return scenario.store()
                .query("SELECT value FROM otel.resource_attrs_int WHERE key_id = otel.key_id('process.pid', 'int')"
                        + " ORDER BY value");
    }
}
