package io.ollyscale.faults.kinds;

import io.ollyscale.faults.kinds.Fault.Target;
import io.ollyscale.faults.postgres.CommitCut;
import io.ollyscale.faults.postgres.PostgresProxy;
import io.ollyscale.faults.postgres.PostgresServer;
import io.ollyscale.faults.postgres.StoreDatabase;
import io.ollyscale.faults.rounds.Pipeline;
import io.ollyscale.faults.rounds.Servers;
import java.sql.Connection;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** What happens to PostgreSQL and on the way to it. */
final class PostgresFaults {
    /** A tenth of what the load takes, and less. */
    private static final long SLOW_BYTES_PER_SECOND = 150_000;

    private static final long BYTES_BEFORE_A_CUT = 20_000;
    private static final int LONGEST_WAIT_SECONDS = 10;
    private static final int RECORDS_THAT_A_RESTORE_LOSES = 60;

    static final List<Fault> ALL = List.of(
            Fault.of("PostgreSQL killed", Target.POSTGRES, (servers, pipeline, random) -> {
                servers.postgres().kill();
                return servers.postgres()::start;
            }),
            Fault.of("PostgreSQL session killed", Target.POSTGRES, (servers, pipeline, random) -> {
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_WAIT_SECONDS);
                while (!servers.postgres().killBackend()) {
                    if (System.nanoTime() > deadline) {
                        throw new Fault.MissedException("no session");
                    }
                    Thread.sleep(20);
                }
                return servers.postgres()::start;
            }),
            Fault.of("PostgreSQL stopped for a while", Target.POSTGRES, (servers, pipeline, random) -> {
                servers.postgres().stop();
                return servers.postgres()::start;
            }),
            cut("connection cut in COPY", proxy -> proxy.cutInCopy(BYTES_BEFORE_A_CUT)),
            cut("connection cut before COMMIT arrives", proxy -> proxy.cutAtCommit(CommitCut.BEFORE_IT_ARRIVES)),
            cut(
                    "connection cut before COMMIT is answered",
                    proxy -> proxy.cutAtCommit(CommitCut.BEFORE_IT_IS_ANSWERED)),
            Fault.of("PostgreSQL out of connections", Target.POSTGRES, (servers, pipeline, random) -> {
                servers.postgres().refuseConnections(random.nextInt(3));
                return servers.postgres()::allowConnections;
            }),
            Fault.of("PostgreSQL read-only", Target.POSTGRES, (servers, pipeline, random) -> {
                servers.postgres().readOnly(pipeline.store());
                return () -> servers.postgres().writable(pipeline.store());
            }),
            full("disk of tables full", (server, pipeline) -> {
                try (Connection session = pipeline.store().connect()) {
                    server.fillTables();
                    pipeline.awaitStandstill(session);
                }
            }),
            full("disk of WAL full", (server, pipeline) -> server.fillWal()),
            Fault.of("PostgreSQL slow", Target.CONNECTIONS, (servers, pipeline, random) -> {
                servers.proxy().limit(SLOW_BYTES_PER_SECOND);
                return () -> servers.proxy().limit(0);
            }),
            Fault.of("PostgreSQL silent", Target.CONNECTIONS, (servers, pipeline, random) -> {
                servers.proxy().stall();
                return servers.proxy()::flow;
            }),
            locked("facts locked", StoreDatabase.FACTS),
            locked("dimensions locked", "otel.resources_dim, otel.metric_series_dim"),
            Fault.ending("PostgreSQL set back to an older state", PostgresFaults::restore));

    private PostgresFaults() {}

    private static Fault cut(String name, Function<PostgresProxy, CompletableFuture<Void>> cut) {
        return Fault.of(name, Target.CONNECTIONS, (servers, pipeline, random) -> {
            CompletableFuture<Void> happened = cut.apply(servers.proxy());
            try {
                happened.get(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS);
            } catch (TimeoutException nothingIsWritten) {
                // Something else is broken as well.
                if (happened.cancel(false)) {
                    throw new Fault.MissedException("no connection to cut");
                }
            }
            return Fault.Repair.NONE;
        });
    }

    /** Fills a disk. */
    @FunctionalInterface
    private interface Fill {
        void of(PostgresServer server, Pipeline pipeline) throws Exception;
    }

    private static Fault full(String name, Fill fill) {
        return new Fault(
                name,
                Target.POSTGRES,
                false,
                servers -> servers.postgres().whyNoSmallDisk(),
                (servers, pipeline, random) -> {
                    fill.of(servers.postgres(), pipeline);
                    return servers.postgres()::freeDisk;
                });
    }

    /** Somebody holds locks that writers wait for: of facts, and dimensions go on; of dimensions, and facts go on. */
    private static Fault locked(String name, String tables) {
        return Fault.of(name, Target.POSTGRES, (servers, pipeline, random) -> {
            Connection session = pipeline.store().lock(tables);
            // Also where its server was killed meanwhile.
            return () -> session.abort(Runnable::run);
        });
    }

    private static Fault.Repair restore(Servers servers, Pipeline pipeline, Random random) throws Exception {
        pipeline.awaitSafe();
        servers.postgres().backUp();
        pipeline.flow(RECORDS_THAT_A_RESTORE_LOSES);
        pipeline.awaitSafe();
        servers.postgres().restore();
        pipeline.flow(RECORDS_THAT_A_RESTORE_LOSES);
        return Fault.Repair.NONE;
    }
}
