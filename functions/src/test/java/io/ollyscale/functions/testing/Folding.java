package io.ollyscale.functions.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.postgresql.PGConnection;
import org.postgresql.util.PSQLState;

/** Rollups of a database: folded in every way that may happen, and audited. */
public final class Folding {
    private static final int SESSIONS = 5;

    private final Callable<Connection> sessions;
    private final Random random;

    /** @param sessions opens one */
    public Folding(Callable<Connection> sessions, Random random) {
        this.sessions = sessions;
        this.random = random;
    }

    /** Where the views differ from the facts. */
    public List<String> differences() throws Exception {
        return query("SELECT a FROM otel.audit_rollups() AS a LIMIT 20");
    }

    /** Rows that are not folded. */
    public List<String> unfolded() throws Exception {
        return query("SELECT p FROM otel.operation_rollup_partial AS p, otel.rollup_progress AS r"
                + " WHERE p.xact_id >= r.folded_below LIMIT 20");
    }

    /** Some of what there is to fold, or all. */
    public void fold() throws Exception {
        execute(call(1 + random.nextInt(200)));
    }

    /** All that there is to fold, where dimensions are stored: the first call may find older rows marked, the second marks the rest. */
    public void foldAll() throws Exception {
        execute("CALL otel.fold_rollups()");
        execute("CALL otel.fold_rollups()");
    }

    /** By five sessions at once. */
    public void foldByMany() throws Exception {
        ExecutorService background = Executors.newFixedThreadPool(SESSIONS);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < SESSIONS; i++) {
                all.add(background.submit(() -> {
                    execute(call(50));
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        } finally {
            background.shutdown();
        }
    }

    /** By a session that is ended somewhere on the way. */
    public void foldAndKill() throws Exception {
        ExecutorService background = Executors.newSingleThreadExecutor();
        try (Connection session = sessions.call();
                Statement statement = session.createStatement()) {
            int pid = session.unwrap(PGConnection.class).getBackendPID();
            Future<?> folding = background.submit(() -> statement.execute(call(50)));
            Thread.sleep(random.nextInt(20));
            execute("SELECT pg_terminate_backend(" + pid + ")");
            try {
                folding.get();
            } catch (ExecutionException e) {
                assertThat(e)
                        .cause()
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                cause -> assertThat(cause.getSQLState())
                                        .isIn(
                                                "57P01",
                                                PSQLState.CONNECTION_FAILURE.getState(),
                                                PSQLState.CONNECTION_DOES_NOT_EXIST.getState()));
            }
        } finally {
            background.shutdown();
        }
    }

    private static String call(int rows) {
        return "CALL otel.fold_rollups(" + rows + ")";
    }

    private List<String> query(String sql) throws Exception {
        try (Connection session = sessions.call()) {
            return Rows.of(session, sql);
        }
    }

    private void execute(String sql) throws Exception {
        try (Connection session = sessions.call();
                Statement statement = session.createStatement()) {
            statement.execute(sql);
        }
    }
}
