package io.ollyscale.functions.maintenance;

import io.ollyscale.functions.postgres.PostgresConnection;
import io.ollyscale.functions.quarantine.ReplayPublisher;
import io.ollyscale.functions.quarantine.RequestedReplays;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what the store needs from time to time. A failure is counted and tried again the next time: the partitions that exist
 * reach for days.
 */
public final class Maintenance extends ProcessFunction<Long, Void> {
    private static final long serialVersionUID = 1;
    private static final Logger LOG = LoggerFactory.getLogger(Maintenance.class);

    /**
     * Of each time, looked at between rows. A checkpoint waits as long, for the row at hand, and for Kafka: for 15 s where
     * that is away from the beginning, up to a minute and a half where it goes away in between.
     */
    private static final Duration TIME_FOR_REPLAYS = Duration.ofSeconds(5);

    private final PostgresConnection postgres;
    private final Properties kafka;
    private final Duration interval;
    private final Duration ahead;
    private final Duration width;

    private transient Counter failures;
    private transient Counter replaysPublished;
    private transient volatile UnstoredDimensions unstored;
    private transient boolean hasRun;
    private transient long lastRun;

    /**
     * @param kafka the connection's properties, as the source has them
     * @param interval from one time to the next; a tick in between does nothing
     * @param ahead how far from now on partitions must exist
     * @param width of a new partition: whole hours or days
     */
    public Maintenance(
            PostgresConnection postgres, Properties kafka, Duration interval, Duration ahead, Duration width) {
        this.postgres = postgres;
        this.kafka = kafka;
        this.interval = interval;
        this.ahead = ahead;
        this.width = width;
    }

    @Override
    public void open(OpenContext context) {
        MetricGroup metrics = getRuntimeContext().getMetricGroup();
        failures = metrics.counter("maintenanceFailures");
        replaysPublished = metrics.counter("replaysPublished");
        unstored = new UnstoredDimensions(0, 0);
        metrics.gauge("dimensionCollisions", () -> unstored.collisions());
        metrics.gauge("refusedDimensions", () -> unstored.refused());
    }

    @Override
    public void processElement(Long tick, Context context, Collector<Void> out) {
        long now = System.nanoTime();
        if (hasRun && now - lastRun < interval.toNanos()) {
            return;
        }
        hasRun = true;
        lastRun = now;
        try {
            PartitionMaintenance.ensure(postgres, ahead, width);
        } catch (SQLException e) {
            failures.inc();
            LOG.error("Could not create partitions ahead; trying again the next time", e);
        }
        try {
            lookForUnstoredDimensions();
        } catch (SQLException e) {
            failures.inc();
            LOG.error("Could not look for dimensions that aren't stored; trying again the next time", e);
        }
        try {
            publishRequestedReplays();
        } catch (InterruptException e) {
            throw e;
        } catch (SQLException | KafkaException e) {
            failures.inc();
            LOG.error("Could not publish quarantined records that are to be replayed; trying again the next time", e);
        }
    }

    private void publishRequestedReplays() throws SQLException {
        ReplayPublisher.Outcome outcome = RequestedReplays.publish(postgres, kafka, TIME_FOR_REPLAYS);
        replaysPublished.inc(outcome.published());
        if (outcome.published() > 0) {
            LOG.info("Published {} quarantined records, as was requested", outcome.published());
        }
    }

    private void lookForUnstoredDimensions() throws SQLException {
        UnstoredDimensions now = UnstoredDimensions.read(postgres);
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
