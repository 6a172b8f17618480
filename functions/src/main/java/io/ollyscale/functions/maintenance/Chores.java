package io.ollyscale.functions.maintenance;

import io.ollyscale.functions.postgres.PostgresConnection;
import io.ollyscale.functions.postgres.Sessions;
import io.ollyscale.functions.postgres.SqlErrorKind;
import io.ollyscale.functions.quarantine.RequestedReplays;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;

/**
 * Does what is due. What fails is tried again the next time: the partitions that exist reach for days, and rollups show
 * before they are folded. Not for several threads; several processes may be at it at once.
 */
public final class Chores {

    /** Of a chore that may take any: looked at between its parts. Whoever asks waits as long, a checkpoint for one. */
    private static final Duration TIME_FOR_ONE = Duration.ofSeconds(5);

    /** Whatever waits for a lock holds up what comes behind it, and each of these may as well wait until the next time. */
    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(1);

    /** Without them rows have a place all the same, or stay where they are. */
    private static final Set<Chore> CAN_WAIT = EnumSet.of(Chore.ROLLUP_PARTITIONS, Chore.EXPIRY, Chore.DISPOSAL);

    private static final int MOST_TIMES_PUT_OFF = 10;

    private final PostgresConnection postgres;
    private final Properties kafka;
    private final MaintenanceSettings settings;
    private final Map<Chore, Long> lastTimes = new EnumMap<>(Chore.class);
    private final Map<Chore, Integer> timesPutOff = new EnumMap<>(Chore.class);
    private boolean isMoreToFold;

    /** @param kafka a client's properties, the bootstrap servers among them; null where no replays are among the chores */
    public Chores(PostgresConnection postgres, Properties kafka, MaintenanceSettings settings) {
        this.postgres = postgres;
        this.kafka = kafka;
        this.settings = settings;
    }

    /**
     * Does what is due: the first time everything, then each chore at its interval.
     *
     * @throws InterruptException if the thread is interrupted while it waits for Kafka
     */
    public Round doWhatIsDue() {
        Set<Chore> due = due();
        Round round = new Round();
        boolean replays = due.remove(Chore.REPLAYS);
        if (!due.isEmpty()) {
            inSession(due, round);
        }
        if (replays) {
            publishReplays(round);
        }
        return round;
    }

    /** Whether there was more to fold than there was time for; it is due at once. */
    public boolean isMoreToFold() {
        return isMoreToFold;
    }

    private Set<Chore> due() {
        long now = System.nanoTime();
        Set<Chore> due = EnumSet.noneOf(Chore.class);
        for (Chore chore : settings.chores()) {
            Long last = lastTimes.get(chore);
            boolean isOver =
                    last == null || now - last >= settings.intervalOf(chore).toNanos();
            if (isOver || chore == Chore.FOLDING && isMoreToFold) {
                due.add(chore);
                lastTimes.put(chore, now);
            }
        }
        return due;
    }

    private void inSession(Set<Chore> due, Round round) {
        isMoreToFold = false;
        Connection session;
        try {
            session = postgres.open("maintenance");
        } catch (SQLException e) {
            round.failed("open a session for maintenance", e);
            return;
        }
        try {
            for (Chore chore : due) {
                try {
                    run(chore, session, round);
                } catch (SQLException e) {
                    if (isPutOff(chore, e)) {
                        round.putOff(chore);
                        continue;
                    }
                    round.failed(chore.toString(), e);
                    if (SqlErrorKind.isConnectionLost(e)) {
                        return;
                    }
                }
            }
        } finally {
            Sessions.close(session);
        }
    }

    /** Somebody reads what has to be locked: not a failure before it has happened many times. */
    private boolean isPutOff(Chore chore, SQLException failure) {
        return CAN_WAIT.contains(chore)
                && SqlErrorKind.isLockTaken(failure)
                && timesPutOff.merge(chore, 1, Integer::sum) < MOST_TIMES_PUT_OFF;
    }

    private void run(Chore chore, Connection session, Round round) throws SQLException {
        if (chore != Chore.PARTITIONS) {
            limitLocks(session);
        }
        switch (chore) {
            case PARTITIONS ->
                PartitionMaintenance.ensure(session, settings.partitionsAhead(), settings.partitionsWidth());
            case DIMENSIONS -> round.dimensions(UnstoredDimensions.read(session));
            case ROLLUP_PARTITIONS -> RollupMaintenance.ensurePartitions(session, settings.partitionsAhead());
            case FOLDING -> fold(session, round);
            case EXPIRY -> RollupMaintenance.expire(session, settings, TIME_FOR_ONE);
            case DISPOSAL -> dispose(session, round);
            case REPLAYS -> throw new IllegalArgumentException("replays have sessions of their own");
        }
        timesPutOff.remove(chore);
        round.done(chore);
    }

    private void fold(Connection session, Round round) throws SQLException {
        long started = System.nanoTime();
        try {
            RollupMaintenance.fold(session, TIME_FOR_ONE);
            isMoreToFold = System.nanoTime() - started >= TIME_FOR_ONE.toNanos();
        } catch (SQLException e) {
            if (!SqlErrorKind.isLockTaken(e)) {
                throw e;
            }
            // Only who folds holds that row for long; any other lock is in the way of everybody.
            if (RollupMaintenance.isFolding(session)) {
                round.foldedElsewhere();
            } else {
                // It may have let go just now.
                RollupMaintenance.fold(session, TIME_FOR_ONE);
            }
        }
        round.rollupLag(RollupMaintenance.lag(session));
    }

    /** Until the time is over or one fails: those behind it may rest on it, and come again. */
    private void dispose(Connection session, Round round) throws SQLException {
        long deadline = System.nanoTime() + TIME_FOR_ONE.toNanos();
        for (String sql : RollupMaintenance.disposals(session, settings)) {
            if (System.nanoTime() - deadline > 0) {
                return;
            }
            try (Statement statement = session.createStatement()) {
                statement.execute(sql);
            }
            round.disposed(sql);
        }
    }

    private static void limitLocks(Connection session) throws SQLException {
        try (Statement statement = session.createStatement()) {
            statement.execute("SET lock_timeout = " + LOCK_TIMEOUT.toMillis());
        }
    }

    /** Waits for Kafka: 15 s where that is away from the beginning, up to a minute and a half where it goes away in between. */
    private void publishReplays(Round round) {
        try {
            round.replaysPublished(
                    RequestedReplays.publish(postgres, kafka, TIME_FOR_ONE).published());
            round.done(Chore.REPLAYS);
        } catch (InterruptException e) {
            throw e;
        } catch (SQLException | KafkaException e) {
            round.failed(Chore.REPLAYS.toString(), e);
        }
    }
}
