package io.ollyscale.functions.maintenance;

import io.ollyscale.functions.postgres.PostgresConnection;
import java.util.Properties;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what the store needs from time to time. A failure is counted and tried again the next time. A checkpoint waits for
 * what is being done, which {@link Chores} bounds.
 */
public final class Maintenance extends ProcessFunction<Long, Void> {
    private static final long serialVersionUID = 1;
    private static final Logger LOG = LoggerFactory.getLogger(Maintenance.class);

    private final PostgresConnection postgres;
    private final Properties kafka;
    private final MaintenanceSettings settings;

    private transient Chores chores;
    private transient Counter failures;
    private transient Counter replaysPublished;
    private transient volatile UnstoredDimensions unstored;
    private transient volatile long rollupLagSeconds;

    /** @param kafka the connection's properties, as the source has them */
    public Maintenance(PostgresConnection postgres, Properties kafka, MaintenanceSettings settings) {
        this.postgres = postgres;
        this.kafka = kafka;
        this.settings = settings;
    }

    @Override
    public void open(OpenContext context) {
        chores = new Chores(postgres, kafka, settings);
        MetricGroup metrics = getRuntimeContext().getMetricGroup();
        failures = metrics.counter("maintenanceFailures");
        replaysPublished = metrics.counter("replaysPublished");
        unstored = new UnstoredDimensions(0, 0);
        metrics.gauge("dimensionCollisions", () -> unstored.collisions());
        metrics.gauge("refusedDimensions", () -> unstored.refused());
        metrics.gauge("rollupLagSeconds", () -> rollupLagSeconds);
    }

    @Override
    public void processElement(Long tick, Context context, Collector<Void> out) {
        Round round = chores.doWhatIsDue();
        for (Round.Failure failure : round.failures()) {
            failures.inc();
            LOG.error("Could not {}; trying again the next time", failure.what(), failure.cause());
        }
        round.putOff().forEach(chore -> LOG.info("Maintenance: somebody else has locked what it takes to {}", chore));
        round.disposals().forEach(statement -> LOG.info("Maintenance: {}", statement));
        round.dimensions().ifPresent(this::compare);
        round.rollupLag().ifPresent(lag -> rollupLagSeconds = lag.toSeconds());
        if (round.replaysPublished() > 0) {
            replaysPublished.inc(round.replaysPublished());
            LOG.info("Published {} quarantined records, as was requested", round.replaysPublished());
        }
    }

    private void compare(UnstoredDimensions now) {
        if (now.isWorseThan(unstored)) {
            LOG.warn(
                    "{} dimensions have an id that another one had before, and {} were refused by PostgreSQL: see"
                            + " otel.dimension_collisions and otel.refused_dimensions",
                    now.collisions(),
                    now.refused());
        }
        unstored = now;
    }
}
