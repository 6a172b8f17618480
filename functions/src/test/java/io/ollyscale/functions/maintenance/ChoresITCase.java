package io.ollyscale.functions.maintenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ollyscale.functions.postgres.PostgresConnection;
import io.ollyscale.functions.testing.Rows;
import io.ollyscale.local.LocalPostgres;
import io.ollyscale.sql.Migrations;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.ProcessFunctionTestHarnesses;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** Maintenance on a real database. Replays have tests of their own. */
class ChoresITCase {
    private static final Set<Chore> ALL = EnumSet.complementOf(EnumSet.of(Chore.REPLAYS));
    private static final Duration SELDOM = Duration.ofHours(1);

    private static LocalPostgres server;
    private static int databases;

    private PostgresConnection postgres;

    @BeforeAll
    static void start() {
        server = LocalPostgres.builder().shortLived().start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void migrate() throws SQLException {
        databases++;
        String url = server.createDatabase("chores_" + databases);
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(url);
        dataSource.setUser(server.user());
        dataSource.setPassword(server.password());
        Migrations.migrate(dataSource);
        postgres = new PostgresConnection(url, server.user(), server.password());
    }

    @Test
    void doesEverythingAtFirst() throws SQLException {
        Round round = chores(SELDOM, SELDOM).doWhatIsDue();

        assertThat(round.failures()).isEmpty();
        assertThat(round.done()).containsExactlyElementsOf(ALL);
        assertThat(round.dimensions()).contains(new UnstoredDimensions(0, 0));
        assertThat(query("SELECT DISTINCT table_name FROM otel.partitions"))
                .contains("spans_fact", "operation_rollup_partial");
        assertThat(query("SELECT DISTINCT table_name FROM otel.rollup_partitions()"))
                .containsExactlyInAnyOrder(
                        "operation_rollup_1m", "operation_rollup_1h", "service_rollup_1m", "service_rollup_1h");
    }

    @Test
    void doesEachChoreAtItsInterval() {
        Chores chores = chores(SELDOM, Duration.ZERO);
        chores.doWhatIsDue();

        assertThat(chores.doWhatIsDue().done()).containsExactly(Chore.FOLDING);
        Chores seldom = chores(SELDOM, SELDOM);
        seldom.doWhatIsDue();
        assertThat(seldom.doWhatIsDue().done()).isEmpty();
    }

    @Test
    void foldsAndSaysWhatIsLeft() throws SQLException {
        Chores chores = chores(SELDOM, Duration.ZERO);
        chores.doWhatIsDue();
        addPartial("otel.id_at(now())");
        // It marks what is over, and folds it then or the next time; what another session holds open waits for that.
        await().until(() -> {
            Round round = chores.doWhatIsDue();
            assertThat(round.failures()).isEmpty();
            return round.rollupLag().orElseThrow().isZero();
        });

        assertThat(query("SELECT sum(span_count) FROM otel.operation_rollup_1m"))
                .containsExactly("1");
    }

    @Test
    void leavesFoldingToTheSessionThatIsAtIt() throws SQLException {
        Chores chores = chores(SELDOM, Duration.ZERO);
        chores.doWhatIsDue();
        addPartial("otel.id_at(now())");
        try (Connection other = connect()) {
            other.setAutoCommit(false);
            Rows.of(other, "SELECT FROM otel.rollup_progress FOR UPDATE");

            Round round = chores.doWhatIsDue();

            assertThat(round.isFoldedElsewhere()).isTrue();
            assertThat(round.failures()).isEmpty();
            assertThat(round.rollupLag().orElseThrow()).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
            other.rollback();
        }
        assertThat(chores.doWhatIsDue().isFoldedElsewhere()).isFalse();
    }

    @Test
    void oneThatFailsHoldsUpNoOther() throws SQLException {
        execute("DROP FUNCTION otel.maintenance_statements");
        execute("DROP TABLE otel.refused_dimensions CASCADE");

        Round round = chores(SELDOM, SELDOM).doWhatIsDue();

        assertThat(round.failures())
                .extracting(Round.Failure::what)
                .containsExactly(Chore.DIMENSIONS.toString(), Chore.DISPOSAL.toString());
        assertThat(round.done())
                .containsExactly(Chore.PARTITIONS, Chore.ROLLUP_PARTITIONS, Chore.FOLDING, Chore.EXPIRY);
    }

    @Test
    void saysOnceThatPostgresIsAway() {
        PostgresConnection nowhere = new PostgresConnection("jdbc:postgresql://127.0.0.1:1/none", "u", "p");

        Round round = new Chores(nowhere, null, settings(SELDOM, SELDOM)).doWhatIsDue();

        assertThat(round.failures()).hasSize(1);
        assertThat(round.done()).isEmpty();
    }

    @Test
    void dropsWhatIsFolded() throws SQLException {
        execute("CALL otel.ensure_partitions()");
        execute("""
                CALL otel.create_partition('otel.operation_rollup_partial', 'operation_rollup_partial',
                    otel.id_at(date_trunc('day', now() - interval '2 days', 'UTC')),
                    otel.id_at(date_trunc('day', now() - interval '1 day', 'UTC')))
                """);
        addPartial("otel.id_at(date_trunc('day', now() - interval '1 day', 'UTC')) - 1");
        Chores chores = chores(Duration.ZERO, Duration.ZERO);
        for (int round = 1; round < 3; round++) {
            chores.doWhatIsDue();
        }

        chores.doWhatIsDue();

        assertThat(query("SELECT count(*) FROM otel.partitions WHERE table_name = 'operation_rollup_partial'"
                        + " AND arrival_to < now()"))
                .containsExactly("0");
        assertThat(query("SELECT sum(span_count) FROM otel.operation_minutes")).containsExactly("1");
    }

    @Test
    void keepsRollupsForAsLongAsItIsTold() throws SQLException {
        execute("CALL otel.ensure_rollup_partitions(interval '0')");
        for (String age : List.of("1 hour", "3 days")) {
            addOldRollup("1m", age);
            addOldRollup("1h", age);
        }

        assertThat(chores(SELDOM, SELDOM).doWhatIsDue().failures()).isEmpty();

        assertThat(query("SELECT count(*) FROM otel.service_rollup_1m")).containsExactly("1");
        assertThat(query("SELECT count(*) FROM otel.service_rollup_1h")).containsExactly("2");
    }

    /** Many times, while what is old stays; then somebody should know. */
    @Test
    void aLockPutsOffWhatCanWait() throws SQLException {
        execute("CALL otel.ensure_rollup_partitions(interval '0')");
        addOldRollup("1m", "3 days");
        Chores chores = new Chores(
                postgres, null, settings(EnumSet.of(Chore.FOLDING, Chore.EXPIRY), Duration.ZERO, Duration.ZERO));
        try (Connection reader = connect()) {
            reader.setAutoCommit(false);
            Rows.of(reader, "SELECT FROM otel.service_rollup_1m_other FOR UPDATE");
            for (int time = 1; time < 10; time++) {
                Round round = chores.doWhatIsDue();

                assertThat(round.putOff()).containsExactly(Chore.EXPIRY);
                assertThat(round.done()).containsExactly(Chore.FOLDING);
                assertThat(round.failures()).isEmpty();
            }

            assertThat(chores.doWhatIsDue().failures())
                    .extracting(Round.Failure::what)
                    .containsExactly(Chore.EXPIRY.toString());
            reader.rollback();
        }
        assertThat(chores.doWhatIsDue().done()).contains(Chore.EXPIRY);
        assertThat(query("SELECT count(*) FROM otel.service_rollup_1m")).containsExactly("0");
    }

    /** The job's operator is the same, at each tick. */
    @Test
    void maintenanceDoesItAtEachTick() throws Exception {
        Maintenance maintenance = new Maintenance(postgres, null, settings(SELDOM, Duration.ZERO));
        OneInputStreamOperatorTestHarness<Long, Void> harness =
                ProcessFunctionTestHarnesses.forProcessFunction(maintenance);
        harness.processElement(0L, 0);
        addPartial("otel.id_at(now())");
        harness.processElement(1L, 1);
        harness.processElement(2L, 2);
        harness.close();

        assertThat(query("SELECT sum(span_count) FROM otel.operation_rollup_1m"))
                .containsExactly("1");
    }

    private Chores chores(Duration interval, Duration foldInterval) {
        return new Chores(postgres, null, settings(interval, foldInterval));
    }

    private static MaintenanceSettings settings(Duration interval, Duration foldInterval) {
        return settings(ALL, interval, foldInterval);
    }

    private static MaintenanceSettings settings(Set<Chore> chores, Duration interval, Duration foldInterval) {
        return new MaintenanceSettings(
                chores,
                interval,
                foldInterval,
                Duration.ofHours(1),
                Duration.ofDays(1),
                Duration.ofDays(1),
                Duration.ZERO);
    }

    /** Of a service's window three months ago. @param age when it was last updated, an interval of PostgreSQL */
    private void addOldRollup(String width, String age) throws SQLException {
        execute("""
                INSERT INTO otel.service_rollup_%s_other (window_start, service_id, span_count, error_count, invalid_duration_count,
                    adjusted_count, sketch_zero_count, updated_at, duration_sum_ns, error_duration_sum_ns, sketch_bins, sketch_counts, instance_ids)
                SELECT date_trunc('hour', now() - interval '%s') - interval '3 months', 1, 0, 0, 0, 0, 0,
                    now() - interval '%s', 0, 0, '{}', '{}', '{}'
                """.formatted(width, age, age));
    }

    /** What ingest adds for a span without a duration. */
    private void addPartial(String id) throws SQLException {
        execute("""
                INSERT INTO otel.operation_rollup_partial (id, operation_id, service_id, window_start, span_count, error_count, invalid_duration_count,
                    duration_min_ns, duration_max_ns, sketch_zero_count, adjusted_count, span_kind, duration_sum_ns, error_duration_sum_ns,
                    sketch_bins, sketch_counts, resource_ids)
                VALUES (%s, 1, 2, date_trunc('minute', now()), 1, 0, 1, 0, 0, 1, 1, 2, 0, 0, '{}', '{}', '{3}')
                """.formatted(id));
    }

    private List<String> query(String sql) throws SQLException {
        try (Connection connection = connect()) {
            return Rows.of(connection, sql);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
    }
}
