package io.ollyscale.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ollyscale.local.LocalKafka;
import io.ollyscale.local.LocalPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command maintain on a real database and a real broker, without a job. */
class MaintainCommandITCase {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String NOWHERE = "127.0.0.1:1";

    private static LocalPostgres postgres;
    private static LocalKafka kafka;
    private static int databases;

    private String url;

    @BeforeAll
    static void start() {
        postgres = LocalPostgres.builder().shortLived().start();
        kafka = LocalKafka.builder().start();
        kafka.createTopic("otlp_spans", 1);
    }

    @AfterAll
    static void stop() {
        kafka.close();
        postgres.close();
    }

    @BeforeEach
    void migrate() throws SQLException {
        databases++;
        url = postgres.createDatabase("maintain_" + databases) + "?user=" + postgres.user() + "&password="
                + postgres.password();
        Run run = Run.of("migrate", "--postgres-url", url, "--policy-dir", "../flink-conf");
        assertThat(run.status()).as(run.err()).isZero();
    }

    @Test
    void doesEverythingOnce() throws Exception {
        assertThat(maintain("--once").status()).isZero();
        addSpan();
        quarantine();
        execute("SELECT otel.request_replay(ARRAY(SELECT id FROM otel.quarantine))");

        Run run = maintain("--once", "-D", "ollyscale.partitions.ahead=9 d");

        assertThat(run.status()).as(run.out() + run.err()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("partitions are there", "all rollups are folded", "1 record published again");
        assertThat(text("SELECT sum(span_count) FROM otel.operation_rollup_1m")).isEqualTo("1");
        assertThat(text("SELECT count(*) FROM otel.quarantine WHERE replayed_at IS NOT NULL"))
                .isEqualTo("1");
        assertThat(text("SELECT max(arrival_to) > now() + interval '8 days' FROM otel.partitions"))
                .isEqualTo("t");
        assertThat(Run.of("audit", "--postgres-url", url).status()).isZero();
    }

    @Test
    void needsKafkaForReplaysAlone() throws Exception {
        maintain("--once");
        addSpan();

        Run run = Run.of("maintain", "--once", "--conf-dir=../flink-conf", "--postgres-url", url, "--kafka", NOWHERE);

        assertThat(run.status()).as(run.out() + run.err()).isZero();
        assertThat(run.err())
                .contains("Kafka doesn't answer at " + NOWHERE, "Replays that are requested wait")
                .hasLineCount(1);
        assertThat(text("SELECT sum(span_count) FROM otel.operation_rollup_1m")).isEqualTo("1");
    }

    @Test
    void failsWhereSomethingCannotBeDone() throws Exception {
        execute("DROP FUNCTION otel.maintenance_statements");

        Run run = maintain("--once");

        assertThat(run.status()).isOne();
        assertThat(run.out()).contains("partitions are there");
        assertThat(run.err())
                .contains("Could not drop partitions that aren't needed any more: ", "maintenance_statements")
                .hasLineCount(1);
    }

    @Test
    void isNoFailureWhereAnotherSessionFolds() throws Exception {
        maintain("--once");
        try (Connection other = DriverManager.getConnection(url);
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("SELECT FROM otel.rollup_progress FOR UPDATE");

            Run run = maintain("--once");

            assertThat(run.status()).as(run.err()).isZero();
            assertThat(run.out()).contains("rollups are being folded by another session");
            other.rollback();
        }
    }

    @Test
    void goesOnUntilItIsStopped(@TempDir Path directory) throws Exception {
        try (LocalProcess running = LocalProcess.command(
                directory,
                directory,
                "maintain",
                "--conf-dir=../flink-conf",
                "--postgres-url",
                url,
                "--kafka",
                kafka.bootstrapServers(),
                "-D",
                "ollyscale.rollups.fold-interval=1 s")) {
            await().atMost(PATIENCE)
                    .until(() -> running.out().stream().anyMatch(line -> line.contains("partitions are there")));
            addSpan();
            await().atMost(PATIENCE)
                    .until(() -> "1".equals(text("SELECT sum(span_count) FROM otel.operation_rollup_1m")));

            running.interrupt();

            assertThat(running.waitFor()).isEqualTo(130);
            assertThat(running.err()).isEmpty();
            assertThat(running.out()).allMatch(line -> line.matches("\\d\\d:\\d\\d:\\d\\d  .+"));
        }
    }

    @Test
    void saysWhatToDoWithoutASchema() throws SQLException {
        String bare = postgres.createDatabase("bare_" + databases) + "?user=" + postgres.user() + "&password="
                + postgres.password();

        Run run = Run.of("maintain", "--once", "--conf-dir=../flink-conf", "--postgres-url", bare);

        assertThat(run.status()).isOne();
        assertThat(run.err()).contains("run ollyscale migrate").hasLineCount(1);
    }

    private Run maintain(String... arguments) {
        return Run.of(Stream.concat(
                        Stream.of(
                                "maintain",
                                "--conf-dir=../flink-conf",
                                "--postgres-url",
                                url,
                                "--kafka",
                                kafka.bootstrapServers()),
                        Stream.of(arguments))
                .toArray(String[]::new));
    }

    /** As the job stores one. */
    private void addSpan() throws SQLException {
        execute("""
                INSERT INTO otel.spans_fact (id, resource_id, scope_id, service_id, operation_id, start_timestamp, start_nanos_fraction, duration_ns,
                    kind, flags, dropped_attributes_count, dropped_events_count, dropped_links_count, name, trace_state)
                VALUES (otel.id_at(now()), 2, 3, 4, 9, now(), 0, 1000, 2, 0, 0, 0, 0, 'GET', '')
                """);
        execute("CALL otel.rebuild_rollups('-infinity', 'infinity')");
    }

    private void quarantine() throws Exception {
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers()))) {
            execute(
                    "INSERT INTO otel.quarantined_records (signal, cluster_id, topic_id, topic, partition_id, record_offset, part,"
                            + " record_timestamp, headers, payload, reason, detail) VALUES ('traces', '"
                            + admin.describeCluster().clusterId().get()
                            + "', 'id', 'otlp_spans', 0, 1, 0, now(), '[]', '\\x07', 'invalid-protobuf', '')");
        }
    }

    private String text(String query) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
