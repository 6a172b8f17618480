package io.ollyscale.sql;

import java.math.BigInteger;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Spans of three services as they come: in no order, of any time, with ends before their starts or none. Each service has
 * {@value #OPERATIONS} operations, of which some are admitted. Not thread-safe: each session has its own.
 */
final class RandomSpans {

    static final int SERVICES = 3;
    static final int OPERATIONS = 6;

    private static final int[] KINDS = {2, 3, 5, 0, 1, 99};
    private static final String[] STATUSES = {"NULL", "0", "1", "2", "2", "7"};
    private static final String[] TRACE_STATES = {
        "",
        "",
        "ot=th:8",
        "ot=th:c",
        "vendor=1,ot=p:3;th:fd70a4",
        "ot=th:zz",
        "ot=th:123456789012345",
        "ot=th:",
        "rojo=00f067aa0ba902b7",
        "ot=th:0"
    };
    private static final BigInteger NANOS = BigInteger.valueOf(1_000_000_000);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Random random;
    private final long firstId;
    private int count;

    /** @param block which numbers of the current second the ids have: one for each that writes to the same table */
    RandomSpans(TestDatabase database, long seed, int block) throws SQLException {
        random = new Random(seed);
        firstId = Long.parseLong(database.value("SELECT otel.id_at(now())")) + block * 1_000_000L;
    }

    /** Inserts spans and what ingest adds to the rollups with them, without a commit of its own. */
    void insert(Connection connection, int spans) throws SQLException {
        long from = firstId + count;
        insertWithoutPartials(connection, spans);
        PartialRollups.write(connection, from, firstId + count);
    }

    void insertWithoutPartials(Connection connection, int spans) throws SQLException {
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < spans; i++) {
            rows.add(row());
        }
        TestDatabase.execute(connection, """
                INSERT INTO otel.spans_fact (id, resource_id, scope_id, service_id, operation_id, start_timestamp, start_nanos_fraction, duration_ns,
                    kind, status_code, trace_state, name, flags, dropped_attributes_count, dropped_events_count, dropped_links_count)
                VALUES\s""" + String.join(", ", rows));
    }

    /** Admits the operations of all services from one number to below another. */
    static void admit(TestDatabase database, int from, int to) throws SQLException {
        for (int service = 1; service <= SERVICES; service++) {
            for (int n = from; n < to; n++) {
                database.execute(
                        "INSERT INTO otel.operation_dim (operation_id, service_id, first_seen, last_seen, span_kind, operation_hash, name) VALUES (%d, %d, now(), now(), %d, 'hash of %1$d', 'operation %d')"
                                .formatted(service * 1000 + n, service, KINDS[n], n));
            }
        }
    }

    /** Folds until nothing is left that was committed before. */
    static void fold(TestDatabase database) throws SQLException {
        String below = database.value("SELECT otel.xact_number(pg_snapshot_xmax(pg_current_snapshot()))");
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        do {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("Rows stay unfolded");
            }
            database.execute("CALL otel.fold_rollups()");
        } while (!database.query("""
                        SELECT FROM otel.operation_rollup_partial
                        WHERE otel.xact_number(xact_id) >= (SELECT otel.xact_number(folded_below) FROM otel.rollup_progress) AND otel.xact_number(xact_id) < %s
                        """.formatted(below)).isEmpty());
    }

    private String row() {
        int service = 1 + random.nextInt(SERVICES);
        int n = random.nextInt(OPERATIONS);
        Instant start = start();
        int fraction = random.nextInt(1000);
        return "(%d, %d, 1, %d, %d, %s, %s, %s, %d, %s, '%s', 'operation %d', 0, 0, 0, 0)"
                .formatted(
                        firstId + count++,
                        service * 100 + random.nextInt(4),
                        service,
                        service * 1000 + n,
                        start == null ? "NULL" : "timestamptz '" + start + "'",
                        start == null ? "NULL" : fraction,
                        duration(start, fraction),
                        KINDS[n],
                        STATUSES[random.nextInt(STATUSES.length)],
                        TRACE_STATES[random.nextInt(TRACE_STATES.length)],
                        n);
    }

    /** To the microsecond; null where it is unset. */
    private Instant start() {
        Instant now = Instant.now();
        int choice = random.nextInt(100);
        if (choice < 50) {
            return micros(now.minusSeconds(random.nextInt(4 * 3600)));
        } else if (choice < 70) {
            return micros(now.minusMillis(random.nextInt(60_000)));
        } else if (choice < 76) {
            return micros(Instant.parse("2016-01-01T00:59:00Z").plusMillis(random.nextInt(120_000)));
        } else if (choice < 82) {
            return micros(now.plus(Duration.ofDays(1)).plusMillis(random.nextInt(120_000)));
        } else if (choice < 86) {
            return micros(Instant.EPOCH.plusMillis(random.nextInt(1000)));
        } else if (choice < 91) {
            return null;
        } else if (choice < 94) {
            return micros(Instant.parse("2300-01-01T00:00:00Z"));
        } else if (choice < 97) {
            // Where nanoseconds reach 2^63.
            return Instant.parse("2262-04-11T23:47:16.854775Z").plusNanos(1000L * (random.nextInt(3) - 1));
        } else {
            // The last microseconds below 2^64.
            return Instant.parse("2554-07-21T23:34:33.709551Z").minusNanos(1000L * random.nextInt(3));
        }
    }

    private Instant micros(Instant time) {
        return time.with(ChronoField.MICRO_OF_SECOND, random.nextInt(1_000_000));
    }

    private String duration(Instant startOrNull, int fraction) {
        long duration;
        int choice = random.nextInt(100);
        if (choice < 10) {
            duration = 0;
        } else if (choice < 20) {
            duration = 1 + random.nextInt(100);
        } else if (choice < 75) {
            duration = (long) Math.exp(random.nextDouble() * 25);
        } else if (choice < 80) {
            duration = Long.MAX_VALUE - random.nextInt(2);
        } else if (choice < 85) {
            duration = Long.MIN_VALUE + random.nextInt(1000);
        } else if (choice < 92) {
            duration = -1 - random.nextInt(1_000_000_000);
        } else {
            // The end is unset.
            duration = startOrNull == null
                    ? 0
                    : BigInteger.valueOf(startOrNull.getEpochSecond())
                            .multiply(NANOS)
                            .add(BigInteger.valueOf(startOrNull.getNano() + fraction))
                            .negate()
                            .longValue();
        }
        return duration == Long.MIN_VALUE ? "-9223372036854775807 - 1" : Long.toString(duration);
    }
}
