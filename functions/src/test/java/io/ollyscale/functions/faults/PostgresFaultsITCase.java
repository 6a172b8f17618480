package io.ollyscale.functions.faults;

import io.ollyscale.local.LocalPostgres.ShutdownMode;
import io.ollyscale.schema.otlp.Signal;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sessions that PostgreSQL ends while they write, and a server that stops. */
@ExtendWith(ServersExtension.class)
class PostgresFaultsITCase {
    /** Of sessions of each signal's sink. */
    private static final int TERMINATIONS = 2;

    /** A table that each signal's sink copies into between others. */
    private static final Map<Signal, String> TABLES = Map.of(
            Signal.TRACES, "span_links",
            Signal.LOGS, "log_attrs_int",
            Signal.METRICS, "exp_histogram_data_points");

    /** What a trigger does within a transaction that moves the ledger, and not within the one that raises safe_offset. */
    private static final String WHEN_THE_LEDGER_MOVES = """
            CREATE FUNCTION public.test_fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN %s; RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER test_fault AFTER UPDATE ON otel.ingest_ledger %s FOR EACH ROW
            WHEN (OLD.next_offset IS DISTINCT FROM NEW.next_offset) EXECUTE FUNCTION public.test_fault()
            """;

    /** Waits as long as the test holds the lock, each signal for its own: its topic's name ends with its own. */
    private static final String WAIT = "PERFORM pg_advisory_xact_lock_shared(hashtext(substring(%s from '[a-z]+$')))";

    @Test
    void outlastsTerminationDuringCopy(Scenario scenario) throws Exception {
        scenario.store()
                .execute("CREATE FUNCTION public.test_fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                        + WAIT.formatted("TG_ARGV[0]") + "; RETURN NULL; END $$");
        for (Signal signal : Signal.values()) {
            scenario.store()
                    .execute("CREATE TRIGGER test_fault AFTER INSERT ON otel." + TABLES.get(signal)
                            + " EXECUTE FUNCTION public.test_fault('" + signal + "')");
        }
        terminateWaiting(scenario, "query LIKE 'COPY%'");
    }

    @Test
    void outlastsTerminationBeforeACommitTakesEffect(Scenario scenario) throws Exception {
        scenario.store()
                .execute(WHEN_THE_LEDGER_MOVES.formatted(WAIT.formatted("NEW.topic"), "DEFERRABLE INITIALLY DEFERRED"));
        terminateWaiting(scenario, "query = 'COMMIT'");
    }

    private static void terminateWaiting(Scenario scenario, String act) throws Exception {
        scenario.send(30);
        RunningJob job;
        try (Connection session = scenario.store().connect();
                Statement statement = session.createStatement()) {
            for (Signal signal : Signal.values()) {
                statement.execute("SELECT pg_advisory_lock(hashtext('" + signal + "'))");
            }
            job = scenario.start(JobPlan.PLAIN);
            for (int i = 0; i < TERMINATIONS; i++) {
                for (Signal signal : Signal.values()) {
                    String waiting = "pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
                            + " AND objid = hashtext('" + signal + "')::bit(32)::bigint::oid)";
                    terminate(scenario, job, act + " AND " + waiting, 1);
                }
            }
        }
        scenario.feed(job, 12);
        scenario.assertStoredOnce();
    }

    /** The transaction is committed, but waits for a replica that there isn't, and so nobody hears of it. */
    @Test
    void outlastsTerminationAfterACommitTookEffect(Scenario scenario) throws Exception {
        scenario.store().execute("ALTER DATABASE " + scenario.name() + " SET synchronous_commit = local");
        scenario.store()
                .execute(WHEN_THE_LEDGER_MOVES.formatted("PERFORM set_config('synchronous_commit', 'on', true)", ""));
        RunningJob job = scenario.start(JobPlan.PLAIN);
        scenario.feed(job, 30);
        try {
            scenario.store().execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
            scenario.store().execute("SELECT pg_reload_conf()");
            scenario.send(60);
            String act = "query = 'COMMIT' AND wait_event = 'SyncRep'";
            // Both subtasks of each signal's sink.
            terminate(scenario, job, act, 2 * Signal.values().length);
            for (int i = 0; i < 2 * TERMINATIONS; i++) {
                terminate(scenario, job, act, 1);
            }
        } finally {
            scenario.store().execute("ALTER SYSTEM RESET synchronous_standby_names");
            scenario.store().execute("SELECT pg_reload_conf()");
        }
        scenario.feed(job, 12);
        scenario.assertStoredOnce();
    }

    @ParameterizedTest
    @EnumSource
    void outlastsAServerThatStopsAndStarts(ShutdownMode mode, Servers servers, Scenario scenario) throws Exception {
        RunningJob job = scenario.start(JobPlan.PLAIN);
        scenario.feed(job, 30);
        scenario.send(90);
        servers.postgres().stop(mode);
        scenario.send(30);
        servers.postgres().start();
        scenario.feed(job, 12);
        scenario.assertStoredOnce();
    }

    /** Terminates sessions of sinks when as many are caught in the act. */
    private static void terminate(Scenario scenario, RunningJob job, String act, int sessions) throws Exception {
        String caught = """
                SELECT pid FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'ollyscale sink' AND state = 'active' AND %s
                """.formatted(act);
        job.awaitWhileRunning(
                "sessions to terminate", () -> scenario.store().query(caught).size() >= sessions);
        scenario.store()
                .query("SELECT pg_terminate_backend(pid, 5000) FROM (" + caught + " LIMIT " + sessions + ") AS s");
    }
}
