package io.ollyscale.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ollyscale.local.LocalPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command audit on a real database. */
class AuditCommandITCase {
    private static LocalPostgres postgres;
    private static int databases;

    @TempDir
    private static Path policy;

    private String url;

    @BeforeAll
    static void start() throws Exception {
        postgres = LocalPostgres.builder().shortLived().start();
        Files.writeString(policy.resolve("promoted-keys.yaml"), "span:\n  http.route: string\n");
        Files.writeString(policy.resolve("dropped-keys.yaml"), "span: []\n");
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    /** 120 spans of two minutes, of a service that is there. */
    @BeforeEach
    void store() throws Exception {
        databases++;
        url = postgres.createDatabase("audit_" + databases) + "?user=" + postgres.user() + "&password="
                + postgres.password();
        Run migrated = Run.of("migrate", "--postgres-url", url, "--policy-dir", policy.toString());
        assertThat(migrated.status()).as(migrated.err()).isZero();
        execute("CALL otel.ensure_partitions()");
        execute("""
                INSERT INTO otel.service_dim (service_id, first_seen, last_seen, service_hash, name) VALUES (4, now(), now(), 'h', 'shop')
                """);
        insertSpans("otel.id_at(now())", 120);
        execute("CALL otel.rebuild_rollups('-infinity', 'infinity')");
    }

    @Test
    void isOneLineWhereAllIsWell() {
        Run run = audit();

        assertThat(run.status()).as(run.out() + run.err()).isZero();
        assertThat(run.out()).isEqualTo("The rollups equal the facts: 120 spans in 2 minutes\n");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void isAlsoWellWhereThereIsNothing() throws SQLException {
        execute("TRUNCATE otel.spans_fact, otel.operation_rollup_partial");

        assertThat(audit().out()).isEqualTo("The rollups equal the facts: 0 spans in 0 minutes\n");
    }

    @Test
    void saysWhatDiffers() throws Exception {
        execute("UPDATE otel.operation_rollup_partial SET error_count = error_count + 1"
                + " WHERE window_start = '2026-01-31 12:00:00+00'");

        Run run = audit();

        assertThat(run.status()).isOne();
        assertThat(run.out())
                .containsPattern(
                        "operation_minutes +\\| 2026-01-31T12:00:00Z \\| shop +\\| 0000000000000009 \\| error_count \\| 0 +\\| 1")
                .contains("service_hours", "4 differences between rollups and facts", "otel.rebuild_rollups");
        JsonNode json = new ObjectMapper().readTree(audit("--json").out());
        assertThat(json.get("differences").asInt()).isEqualTo(4);
        assertThat(json.get("more").asBoolean()).isFalse();
        assertThat(json.get("spans").asInt()).isEqualTo(120);
        assertThat(json.get("rows").get(0).toString())
                .isEqualTo(
                        "{\"rollup\":\"operation_minutes\",\"window_start\":\"2026-01-31T12:00:00Z\",\"service_id\":4,"
                                + "\"service\":\"shop\",\"operation_id\":9,\"operation\":null,\"measure\":\"error_count\","
                                + "\"expected\":\"0\",\"actual\":\"1\"}");
    }

    @Test
    void looksAtTheTimeThatIsAskedFor() throws SQLException {
        execute("UPDATE otel.operation_rollup_partial SET error_count = error_count + 1"
                + " WHERE window_start = '2026-01-31 12:00:00+00'");

        assertThat(audit("--from", "2026-01-31T12:01:00Z").out())
                .isEqualTo("The rollups equal the facts: 60 spans in 1 minute\n");
        assertThat(audit("--to", "2026-01-31T12:00:00Z").status()).isZero();
        assertThat(audit("--from", "2026-01-31", "--to", "2026-02-01").status()).isOne();
    }

    @Test
    void countsWhatIsTooMuchToRead() throws SQLException {
        // Facts that were stored without rollups: a service's and an operation's row for each minute.
        execute("UPDATE otel.spans_fact SET start_timestamp = start_timestamp - interval '1 hour' * (id % 100)");

        Run run = audit();

        assertThat(run.status()).isOne();
        assertThat(run.out().lines().filter(line -> line.contains(" | shop "))).hasSize(50);
        assertThat(run.out()).containsPattern("\nand [0-9,]+ more\n[0-9,]+ differences between");
    }

    @Test
    void countsFactsWhoseDimensionsAreMissing() throws SQLException {
        execute("""
                CALL otel.create_partition('otel.spans_fact', 'spans_fact',
                    otel.id_at(date_trunc('day', now() - interval '2 days', 'UTC')), otel.id_at(date_trunc('day', now() - interval '1 day', 'UTC')))
                """);
        insertSpans("otel.id_at(date_trunc('day', now() - interval '2 days', 'UTC'))", 60);
        execute("CALL otel.rebuild_rollups('-infinity', 'infinity')");

        Run run = audit();

        assertThat(run.status()).isOne();
        assertThat(run.out().lines())
                .containsExactly(
                        "60 of spans_fact that are older than an hour name a row of resources_dim that isn't there",
                        "60 of spans_fact that are older than an hour name a row of scopes_dim that isn't there");
        // Of this time there are none.
        assertThat(audit("--to", "2026-01-31").status()).isZero();
    }

    @Test
    void saysWhatToDoWithoutASchema() throws SQLException {
        String bare = postgres.createDatabase("bare_" + databases) + "?user=" + postgres.user() + "&password="
                + postgres.password();

        Run run = Run.of("audit", "--postgres-url", bare);

        assertThat(run.status()).isOne();
        assertThat(run.err()).contains("run ollyscale migrate").hasLineCount(1);
    }

    /** A span each second from a noon on, by arrival as is said. */
    private void insertSpans(String firstId, int count) throws SQLException {
        execute("""
                INSERT INTO otel.spans_fact (id, resource_id, scope_id, service_id, operation_id, start_timestamp, start_nanos_fraction, duration_ns,
                    kind, flags, dropped_attributes_count, dropped_events_count, dropped_links_count, name, trace_state)
                SELECT %s + n, 2, 3, 4, 9, timestamptz '2026-01-31 12:00:00+00' + n * interval '1 second', 0, 1000 * n, 2, 0, 0, 0, 0, 'GET', ''
                FROM generate_series(0, %d) AS n
                """.formatted(firstId, count - 1));
    }

    private Run audit(String... arguments) {
        return Run.of(Stream.concat(Stream.of("audit", "--postgres-url", url), Stream.of(arguments))
                .toArray(String[]::new));
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
