package io.ollyscale.functions.faults;

import io.ollyscale.local.LocalPostgres.ShutdownMode;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sessions that PostgreSQL ends while they write, and a server that stops. */
@ExtendWith(ServersExtension.class)
class PostgresFaultsITCase {
    private static final int TERMINATIONS = 5;

    /** What a trigger does within a transaction that moves the ledger, and not within the one that raises safe_offset. */
    private static final String WHEN_THE_LEDGER_MOVES = """
            CREATE FUNCTION public.test_fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN %s; RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER test_fault AFTER UPDATE ON otel.ingest_ledger %s FOR EACH ROW
            WHEN (OLD.next_offset IS DISTINCT FROM NEW.next_offset) EXECUTE FUNCTION public.test_fault()
            """;

    /** Waits as long as the test holds the lock. */
    private static final String WAIT = "PERFORM pg_advisory_xact_lock_shared(1)";

    @Test
    void outlastsTerminationDuringCopy(Scenario scenario) throws Exception {
        scenario.store().execute("""
                CREATE FUNCTION public.test_fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN %s; RETURN NULL; END $$;
                CREATE TRIGGER test_fault AFTER INSERT ON otel.span_links EXECUTE FUNCTION public.test_fault()
                """.formatted(WAIT));
        terminateWaiting(scenario, "query LIKE 'COPY%'");
    }

    @Test
    void outlastsTerminationBeforeACommitTakesEffect(Scenario scenario) throws Exception {
        scenario.store().execute(WHEN_THE_LEDGER_MOVES.formatted(WAIT, "DEFERRABLE INITIALLY DEFERRED"));
        terminateWaiting(scenario, "query = 'COMMIT'");
    }

    private static void terminateWaiting(Scenario scenario, String act) throws Exception {
        scenario.spans().send(30);
        RunningJob job;
        try (Connection session = scenario.store().connect();
                Statement statement = session.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(1)");
            job = scenario.start(JobPlan.PLAIN);
            terminate(scenario, job, act + " AND wait_event = 'advisory'");
        }
        scenario.feed(job, 12);
        scenario.assertStoredOnce();
    }

    /** The transaction is committed, but waits for a replica that there isn't, and so nobody hears of it. */
    @Test
    void outlastsTerminationAfterACommitTookEffect(Scenario scenario) throws Exception {
        scenario.store().execute("ALTER DATABASE " + scenario.topic().name() + " SET synchronous_commit = local");
        scenario.store()
                .execute(WHEN_THE_LEDGER_MOVES.formatted("PERFORM set_config('synchronous_commit', 'on', true)", ""));
        RunningJob job = scenario.start(JobPlan.PLAIN);
        scenario.feed(job, 30);
        try {
            scenario.store().execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
            scenario.store().execute("SELECT pg_reload_conf()");
            scenario.spans().send(60);
            terminate(scenario, job, "query = 'COMMIT' AND wait_event = 'SyncRep'");
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
        scenario.spans().send(90);
        servers.postgres().stop(mode);
        scenario.spans().send(30);
        servers.postgres().start();
        scenario.feed(job, 12);
        scenario.assertStoredOnce();
    }

    /** Terminates sessions of the sink that are caught in the act, one after the other. */
    private static void terminate(Scenario scenario, RunningJob job, String act) throws Exception {
        String terminate = """
                SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'ollyscale sink' AND state = 'active' AND %s
                LIMIT 1
                """.formatted(act);
        for (int i = 0; i < TERMINATIONS; i++) {
            job.awaitWhileRunning(
                    "a session to terminate",
                    () -> !scenario.store().query(terminate).isEmpty());
        }
    }
}
