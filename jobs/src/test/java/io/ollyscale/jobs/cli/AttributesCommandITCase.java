package io.ollyscale.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ollyscale.local.LocalPostgres;
import io.ollyscale.schema.policy.AttributeContext;
import io.ollyscale.schema.policy.PolicyFiles;
import io.ollyscale.schema.policy.PromotedKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command attributes on a real database. */
class AttributesCommandITCase {
    private static LocalPostgres postgres;
    private static String url;

    @TempDir
    private Path directory;

    /** 400 spans: a route that is promoted, and a catch-all in which some keys are everywhere and others rare. */
    @BeforeAll
    static void start(@TempDir Path policy) throws Exception {
        postgres = LocalPostgres.builder().shortLived().start();
        url = postgres.createDatabase("attributes") + "?user=" + postgres.user() + "&password=" + postgres.password();
        Files.writeString(policy.resolve("promoted-keys.yaml"), "span:\n  http.route: string\n");
        Files.writeString(policy.resolve("dropped-keys.yaml"), "span: []\n");
        Run run = Run.of("migrate", "--postgres-url", url, "--policy-dir", policy.toString());
        assertThat(run.status()).as(run.err()).isZero();
        execute("CALL otel.ensure_partitions()");
        execute("""
                INSERT INTO otel.spans_fact (id, resource_id, scope_id, service_id, operation_id, duration_ns, start_nanos_fraction, status_message, trace_id, span_id, trace_state, name, kind,
                    flags, dropped_attributes_count, dropped_events_count, dropped_links_count, attributes_other)
                SELECT otel.id_at(now()) + n, 1, 1, 1, 1, 0, 0, '', '\\x01', '\\x02', '', 'GET', 1, 0, 0, 0, 0,
                    jsonb_build_object('tenant', 'tenant-' || n % 5, 'request.id', 'id-' || n, 'it''s', n, 'blob', repeat('x', 1500),
                        E'evil\\u001b[2J', 1, '$keys', '[]'::jsonb)
                    || CASE WHEN n % 50 = 0 THEN '{"rare": true}' ELSE '{}' END::jsonb
                    || CASE WHEN n % 2 = 0 THEN '{"ratio": 0.5, "list": [1]}' ELSE '{"ratio": 1}' END::jsonb
                FROM generate_series(1, 400) AS n
                """);
        execute("""
                INSERT INTO otel.span_attrs_string (parent_id, key_id, value)
                SELECT id, otel.key_id('http.route', 'string'), '/items' FROM otel.spans_fact WHERE id % 4 = 0
                """);
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @Test
    void countsWhatTheNewestRowsHave() throws Exception {
        JsonNode all = json("--context", "span");

        assertThat(row(all, "tenant", "string")).isEqualTo("catch-all 400 1.0 4000 5");
        assertThat(row(all, "http.route", "string")).startsWith("promoted 100 0.25 600 1");
        assertThat(row(all, "ratio", "int")).startsWith("catch-all 200 0.5");
        assertThat(row(all, "ratio", "double")).startsWith("catch-all 200 0.5");
        assertThat(row(all, "rare", "bool")).startsWith("catch-all 8 0.02");
        assertThat(StreamSupport.stream(all.spliterator(), false)
                        .map(row -> row.get("key").asText()))
                .doesNotContain("$keys");
        assertThat(row(json("--context", "span", "--sample", "50"), "tenant", "string"))
                .isEqualTo("catch-all 50 1.0 500 5");
    }

    /** What is suggested is what the job takes. */
    @Test
    void suggestsLinesThatAPolicyMayHave() throws Exception {
        Run run = attributes("--context", "span");
        String lines = run.out()
                .lines()
                .dropWhile(line -> !line.startsWith("For promoted-keys.yaml"))
                .skip(1)
                .takeWhile(line -> line.startsWith("  "))
                .collect(Collectors.joining("\n"));
        Files.writeString(directory.resolve(PolicyFiles.PROMOTED), lines);
        Files.writeString(directory.resolve(PolicyFiles.DROPPED), "span: []\n");
        Collection<PromotedKey> suggested =
                PolicyFiles.read(directory).of(AttributeContext.SPAN).promoted().values();

        assertThat(run.status()).as(run.err()).isZero();
        assertThat(suggested)
                .extracting(key -> key.key() + " " + key.type().sqlName() + " " + key.indexed())
                .containsExactlyInAnyOrder(
                        "tenant string true", "request.id string false", "it's int false", "ratio double true");
        assertThat(run.out())
                .contains("CALL otel.promote_attribute('span', 'it''s', 'int');")
                .doesNotContain("\u001b");
    }

    @Test
    void saysWhereThereIsNothing() {
        assertThat(attributes("--context", "log,exemplar").out()).isEqualTo("Nothing with attributes is stored yet\n");
    }

    @Test
    void refusesWhatMakesNoSense() {
        for (String[] wrong :
                new String[][] {{"--sample", "0"}, {"--limit", "-1"}, {"--min-share", "101"}, {"--context", "spam"}}) {
            assertThat(attributes(wrong).status()).as(String.join(" ", wrong)).isEqualTo(2);
        }
    }

    private JsonNode json(String... arguments) throws Exception {
        Run run = attributes(
                Stream.concat(Stream.of("--json"), Stream.of(arguments)).toArray(String[]::new));
        assertThat(run.status()).as(run.err()).isZero();
        return new ObjectMapper().readTree(run.out());
    }

    private static String row(JsonNode all, String key, String type) {
        return StreamSupport.stream(all.spliterator(), false)
                .filter(row -> row.get("key").asText().equals(key)
                        && row.get("type").asText().equals(type))
                .map(row -> Stream.of("tier", "occurrences", "share", "bytes", "distinct_values")
                        .map(name -> row.get(name).asText())
                        .collect(Collectors.joining(" ")))
                .collect(Collectors.joining("; "));
    }

    private static Run attributes(String... arguments) {
        return Run.of(Stream.concat(Stream.of("attributes", "--postgres-url", url), Stream.of(arguments))
                .toArray(String[]::new));
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
