package io.ollyscale.faults.kinds;

import io.ollyscale.faults.kinds.Fault.Target;
import io.ollyscale.faults.postgres.StoreDatabase;
import io.ollyscale.faults.process.Waiting;
import io.ollyscale.faults.rounds.Pipeline;
import io.ollyscale.faults.rounds.Servers;
import io.ollyscale.functions.testing.Rows;
import io.ollyscale.jobs.IngestOptions;
import io.ollyscale.jobs.SignalOptions;
import io.ollyscale.schema.otlp.Signal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;

/** What whoever operates the job does to it. */
final class OperatorActions {
    private static final int RECORDS_BETWEEN = 60;
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    static final List<Fault> ALL = List.of(
            Fault.of("stopped with a savepoint, started from it", Target.ALL, (servers, pipeline, random) -> {
                pipeline.submit(stop(servers, pipeline), pipeline.parallelism());
                return Fault.Repair.NONE;
            }),
            Fault.of("rescaled from 2 to 1 to 2", Target.ALL, OperatorActions::rescale),
            Fault.of("changed job from a savepoint", Target.ALL, OperatorActions::change),
            Fault.of("submitted twice", Target.ALL, OperatorActions::submitTwice),
            Fault.of("submitted twice while facts are locked", Target.ALL, OperatorActions::submitTwiceLocked));

    private OperatorActions() {}

    private static Fault.Repair rescale(Servers servers, Pipeline pipeline, Random random) throws Exception {
        pipeline.submit(stop(servers, pipeline), 1);
        pipeline.flow(RECORDS_BETWEEN);
        pipeline.submit(stop(servers, pipeline), 2);
        return Fault.Repair.NONE;
    }

    /** A signal less and other options, and back: then that signal's chain has no state. */
    private static Fault.Repair change(Servers servers, Pipeline pipeline, Random random) throws Exception {
        Signal without = Signal.values()[random.nextInt(Signal.values().length)];
        Configuration changed = new Configuration();
        changed.set(SignalOptions.of(without).enabled(), false);
        changed.set(IngestOptions.MAX_UNITS, 50);
        changed.set(IngestOptions.DIMENSION_REWRITE_INTERVAL, Duration.ofHours(1));
        changed.set(StateRecoveryOptions.SAVEPOINT_IGNORE_UNCLAIMED_STATE, true);
        pipeline.submit(stop(servers, pipeline), pipeline.parallelism(), changed);
        pipeline.flow(RECORDS_BETWEEN);
        pipeline.submit(stop(servers, pipeline), pipeline.parallelism());
        return Fault.Repair.NONE;
    }

    /** The second one starts without state while the first one runs, and replaces it. */
    private static Fault.Repair submitTwice(Servers servers, Pipeline pipeline, Random random) throws Exception {
        JobID first = pipeline.job();
        pipeline.submit(null, pipeline.parallelism());
        // While load flows: both write what comes now.
        Waiting.until("the second job to run", PATIENCE, () -> servers.flink().allTasksRun(pipeline.job()), () -> "");
        pipeline.flow(RECORDS_BETWEEN);
        pipeline.awaitStored();
        servers.flink().cancel(first);
        return Fault.Repair.NONE;
    }

    /** Both jobs have read the ledger and wait within their transactions; then both go on at once, and one of them must lose. */
    private static Fault.Repair submitTwiceLocked(Servers servers, Pipeline pipeline, Random random) throws Exception {
        JobID first = pipeline.job();
        try (Connection session = pipeline.store().connect();
                Connection lock = pipeline.store().lock(StoreDatabase.FACTS)) {
            pipeline.awaitStandstill(session);
            long waiting = waiting(session);
            pipeline.submit(null, pipeline.parallelism());
            Waiting.until("both jobs to wait", PATIENCE, () -> waiting(session) > waiting, () -> "");
            lock.rollback();
        }
        pipeline.flow(RECORDS_BETWEEN);
        pipeline.awaitStored();
        servers.flink().cancel(first);
        return Fault.Repair.NONE;
    }

    private static long waiting(Connection session) throws SQLException {
        return Long.parseLong(Rows.of(session, """
                        SELECT count(*) FROM pg_stat_activity
                        WHERE application_name = 'ollyscale sink' AND datname = current_database() AND wait_event_type = 'Lock'""").get(0));
    }

    private static String stop(Servers servers, Pipeline pipeline) {
        return servers.flink().stopWithSavepoint(pipeline.job());
    }
}
