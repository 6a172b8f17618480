package io.ollyscale.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ollyscale.local.LocalKafka;
import io.ollyscale.local.LocalPostgres;
import io.ollyscale.schema.testing.LogRecords;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that wants a login and grants rights, and a database with roles. */
class DoctorITCase {

    private static final String TOPIC = "otlp_spans";

    private static LocalKafka kafka;
    private static LocalPostgres postgres;
    private static String database;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() throws Exception {
        kafka = LocalKafka.builder()
                .setting("listener.security.protocol.map", "BROKER:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT")
                .setting("sasl.enabled.mechanisms", "PLAIN")
                .setting("sasl.mechanism.inter.broker.protocol", "PLAIN")
                .setting(
                        "listener.name.broker.plain.sasl.jaas.config",
                        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"admin\""
                                + " password=\"of-admin\" user_admin=\"of-admin\" user_stranger=\"of-stranger\";")
                .setting("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
                // The controller's listener has no login.
                .setting("super.users", "User:admin;User:ANONYMOUS")
                .start();
        postgres = LocalPostgres.builder().shortLived().start();
        database = postgres.uri();
        try (Admin admin = admin()) {
            admin.createTopics(List.of(
                            new NewTopic(TOPIC, 4, (short) 1),
                            new NewTopic("otlp_logs", 4, (short) 1),
                            new NewTopic("otlp_metrics", 4, (short) 1),
                            new NewTopic("unexpected", 1, (short) 1),
                            new NewTopic("unfit", 1, (short) 1)
                                    .configs(Map.of(
                                            "cleanup.policy", "compact,delete",
                                            "retention.ms", "3600000",
                                            "max.message.bytes", "10000"))))
                    .all()
                    .get();
            admin.createAcls(List.of(new AclBinding(
                            new ResourcePattern(ResourceType.TOPIC, TOPIC, PatternType.LITERAL),
                            new AccessControlEntry(
                                    "User:stranger", "*", AclOperation.DESCRIBE, AclPermissionType.ALLOW))))
                    .all()
                    .get();
        }
        Run migrated = Run.of("migrate", "--postgres-url", database, "--policy-dir", "../flink-conf");
        assertThat(migrated.status()).as(migrated.err()).isZero();
        execute("CALL otel.ensure_partitions()");
    }

    @AfterAll
    static void stop() {
        postgres.close();
        kafka.close();
    }

    @Test
    void findsNothingWrong() throws Exception {
        Run run = doctor("admin", database);

        assertThat(run.status()).as(run.out() + run.err()).isZero();
        Map<String, String> findings = findings(run);
        assertThat(findings.remove("Durability")).startsWith("warning: fsync is off");
        assertThat(findings.values()).allMatch(finding -> finding.startsWith("ok: "));
        assertThat(findings)
                .containsEntry("otlp_spans partitions", "ok: 4")
                .containsEntry("otlp_logs partitions", "ok: 4")
                .containsEntry("otlp_metrics content", "ok: no records yet, otlp_proto is expected")
                .containsEntry("Schema", "ok: of this release")
                .containsEntry("Rights", "ok: owns the schema");
    }

    @Test
    void saysWhatIsMissing() throws Exception {
        String empty = url(postgres.createDatabase("empty"), postgres.user(), postgres.password());
        Files.writeString(directory.resolve("promoted-keys.yaml"), "span:\n  a: text\n");
        Files.writeString(directory.resolve("dropped-keys.yaml"), "span: []\n");

        Run run = doctor(
                "admin",
                empty,
                "-D",
                "ollyscale.traces.topic=missing",
                "-D",
                "ollyscale.policy.directory=" + directory);

        assertThat(run.status()).isOne();
        assertThat(findings(run))
                .hasEntrySatisfying(
                        "Topic missing", f -> assertThat(f).startsWith("failed: doesn't exist: kafka-topics.sh --boot"))
                .containsEntry("missing partitions", "skipped: there is no topic missing")
                .containsEntry("otlp_logs partitions", "ok: 4")
                .hasEntrySatisfying(
                        "Schema", f -> assertThat(f).startsWith("failed: ").contains("run ollyscale migrate"))
                .containsEntry("Rights", "ok: may create the schema")
                .containsEntry("Quarantine", "skipped: the schema isn't this release's")
                .hasEntrySatisfying(
                        "Policy files",
                        f -> assertThat(f).startsWith("failed: ").contains("promoted-keys.yaml"));
    }

    @Test
    void findsATopicThatLosesData() throws Exception {
        Run run = doctor("admin", database, "-D", "ollyscale.traces.topic=unfit", "--parallelism", "3");

        assertThat(run.status()).isOne();
        assertThat(findings(run))
                .hasEntrySatisfying(
                        "unfit cleanup policy",
                        f -> assertThat(f).startsWith("failed: ").contains("compact"))
                .hasEntrySatisfying("unfit retention", f -> assertThat(f).startsWith("warning: 60 min"))
                .hasEntrySatisfying("otlp_logs retention", f -> assertThat(f).startsWith("ok: "))
                .hasEntrySatisfying(
                        "unfit record size",
                        f -> assertThat(f).startsWith("warning: ").contains("10.0 kB"))
                .hasEntrySatisfying(
                        "unfit partitions", f -> assertThat(f).startsWith("warning: 1 for 3 subtasks: 2 of them"));
    }

    @Test
    void asksForWhatIsEnabledAlone() throws Exception {
        Run run = doctor(
                "admin",
                database,
                "-D",
                "ollyscale.logs.enabled=false",
                "-D",
                "ollyscale.logs.topic=missing",
                "-D",
                "ollyscale.metrics.parallelism=5",
                "--parallelism",
                "2");

        assertThat(run.status()).as(run.out()).isZero();
        assertThat(findings(run))
                .doesNotContainKeys("Topic missing", "Topic otlp_logs")
                .hasEntrySatisfying(
                        "otlp_metrics partitions", f -> assertThat(f).startsWith("warning: 4 for 5 subtasks"))
                .containsEntry("otlp_spans partitions", "ok: 4")
                .hasEntrySatisfying(
                        "Connections", f -> assertThat(f).startsWith("ok: 19 needed for 7 subtasks of 2 signals, "));
    }

    @Test
    void findsRecordsThatTheJobDoesNotExpect() throws Exception {
        Path file = Files.write(directory.resolve("logs.pb"), LogRecords.bytes(0, 10));
        Run load = Run.of(
                with(login("admin"), "load", "--topic", "unexpected", "--encoding", "otlp_json", file.toString()));
        assertThat(load.status()).as(load.err()).isZero();

        Run asLogs = doctor("admin", database, "-D", "ollyscale.logs.topic=unexpected");
        Run asMetrics = doctor(
                "admin",
                database,
                "-D",
                "ollyscale.metrics.topic=unexpected",
                "-D",
                "ollyscale.metrics.encoding=otlp_json");
        Run asItIs = doctor(
                "admin", database, "-D", "ollyscale.logs.topic=unexpected", "-D", "ollyscale.logs.encoding=otlp_json");

        assertThat(findings(asLogs))
                .hasEntrySatisfying(
                        "unexpected content",
                        f -> assertThat(f)
                                .startsWith("warning: the newest record looks like otlp_json")
                                .contains("ollyscale.logs.encoding=otlp_json"));
        assertThat(findings(asMetrics))
                .hasEntrySatisfying(
                        "unexpected content",
                        f -> assertThat(f)
                                .startsWith("warning: the newest record looks like logs")
                                .contains("ollyscale.metrics.topic"));
        assertThat(findings(asItIs)).containsEntry("unexpected content", "ok: otlp_json, logs");
    }

    @Test
    void findsRightsAndConnectionsThatAreMissing() throws Exception {
        execute("CREATE ROLE visitor LOGIN PASSWORD 'of-visitor' CONNECTION LIMIT 3;"
                + " GRANT USAGE ON SCHEMA otel TO visitor; GRANT SELECT ON ALL TABLES IN SCHEMA otel TO visitor");

        Path file = Files.write(directory.resolve("traces.pb"), TraceRecords.bytes(0, 1));
        Run load = Run.of(with(login("admin"), "load", file.toString()));
        assertThat(load.status()).as(load.err()).isZero();

        Run run = doctor("stranger", url(postgres.jdbcUrl(), "visitor", "of-visitor"));

        assertThat(run.status()).isOne();
        assertThat(findings(run))
                .hasEntrySatisfying(
                        "otlp_spans right to read",
                        f -> assertThat(f).startsWith("failed: ").contains("--operation Read"))
                .hasEntrySatisfying(
                        "Right to commit",
                        f -> assertThat(f).startsWith("warning: ").contains("group ollyscale"))
                .hasEntrySatisfying("otlp_spans retention", f -> assertThat(f).startsWith("skipped: "))
                .containsEntry("otlp_spans content", "skipped: this user may not read it")
                .hasEntrySatisfying(
                        "Rights", f -> assertThat(f).startsWith("failed: ").contains("schema otel"))
                .hasEntrySatisfying(
                        "Connections",
                        f -> assertThat(f)
                                .startsWith("failed: 10 needed for 3 subtasks of 3 signals, 3 there")
                                .contains("of the role"));
    }

    @Test
    void aServerThatRefusesHidesNothingOfTheOther() throws Exception {
        Run noKafka = doctor("nobody", database);
        Run noPostgres = doctor("admin", database.replace(postgres.password(), "wrong"));

        assertThat(noKafka.status()).isOne();
        assertThat(findings(noKafka))
                .hasEntrySatisfying("Kafka", f -> assertThat(f).startsWith("failed: Kafka refused the login"))
                .containsEntry("otlp_logs right to read", "skipped: Kafka must be mended first")
                .containsEntry("Schema", "ok: of this release");
        assertThat(noPostgres.status()).isOne();
        assertThat(findings(noPostgres))
                .hasEntrySatisfying("PostgreSQL", f -> assertThat(f).startsWith("failed: PostgreSQL refused the login"))
                .containsEntry("Schema", "skipped: PostgreSQL must be mended first")
                .containsEntry("otlp_spans partitions", "ok: 4");
    }

    @Test
    void warnsOfWhatCouldNotBeStored() throws Exception {
        String url = url(postgres.createDatabase("refusing"), postgres.user(), postgres.password());
        Run.of("migrate", "--postgres-url", url, "--policy-dir", "../flink-conf");
        execute(
                url,
                "INSERT INTO otel.quarantined_records (record_offset, partition_id, part, signal, cluster_id,"
                        + " topic_id, topic, reason, detail, payload) VALUES (1, 0, 0, 'traces', 'c', 't', 't', 'r', 'd', '')");
        execute(url, "INSERT INTO otel.dimension_collisions (kind, id, hash, payload) VALUES ('scope', 1, 'h', '{}')");

        Run run = doctor("admin", url);

        assertThat(run.status()).as(run.out() + run.err()).isZero();
        assertThat(findings(run))
                .hasEntrySatisfying(
                        "Quarantine",
                        f -> assertThat(f).startsWith("warning: 1 of what").endsWith(": ollyscale quarantine list"))
                .hasEntrySatisfying("Dimensions", f -> assertThat(f).startsWith("warning: 1 with the id of another"))
                .containsEntry("Partitions ahead", "ok: none yet, the job creates them");
        execute(url, "CALL otel.ensure_partitions('1 hour', '1 hour')");
        assertThat(findings(doctor("admin", url)))
                .hasEntrySatisfying("Partitions ahead", f -> assertThat(f).startsWith("warning: they end in"));
    }

    @Test
    void printsALineForEachCheck() {
        Run run = Run.of("doctor", "--postgres-url", database, "--kafka", "no-port", "--conf-dir", "../flink-conf");

        assertThat(run.status()).isOne();
        assertThat(run.out().lines())
                .allMatch(line -> line.matches("(ok|warning|failed|skipped) +\\S.*"))
                .anyMatch(line -> line.matches("ok +Schema +of this release"))
                .anyMatch(line -> line.matches("failed +Kafka +Kafka's client can't start: .*"));
    }

    @Test
    void loadAndStatusLogIn() throws Exception {
        Path file = Files.write(
                directory.resolve("message.pb"),
                TracesData.newBuilder()
                        .addResourceSpans(ResourceSpans.getDefaultInstance())
                        .build()
                        .toByteArray());
        Run refused = Run.of("load", "--kafka", kafka.bootstrapServers(), file.toString(), "--signal", "traces");
        assertThat(refused.status()).isOne();
        assertThat(refused.err()).contains("--kafka-property").hasLineCount(1);

        Run load = Run.of(with(login("admin"), "load", "--signal", "traces", file.toString()));
        assertThat(load.status()).as(load.err()).isZero();

        Run status = Run.of(with(login("admin"), "status", "--json", "--postgres-url", database));
        assertThat(status.status()).as(status.out() + status.err()).isZero();
        assertThat(new ObjectMapper().readTree(status.out()).get("lag").asInt()).isPositive();
    }

    private static Run doctor(String user, String url, String... arguments) {
        return Run.of(with(
                with(login(user), arguments),
                "doctor",
                "--json",
                "--conf-dir",
                "../flink-conf",
                "--postgres-url",
                url));
    }

    private static Map<String, String> findings(Run run) throws Exception {
        Map<String, String> findings = new LinkedHashMap<>();
        for (JsonNode check : new ObjectMapper().readTree(run.out()).get("checks")) {
            findings.put(
                    check.get("subject").asText(),
                    check.get("level").asText() + ": " + check.get("text").asText());
        }
        return findings;
    }

    private static Admin admin() {
        Map<String, Object> properties = Arrays.stream(login("admin"))
                .filter(argument -> argument.contains("="))
                .map(argument -> argument.split("=", 2))
                .collect(Collectors.toMap(property -> property[0], property -> property[1]));
        properties.put("bootstrap.servers", kafka.bootstrapServers());
        return Admin.create(properties);
    }

    private static String[] login(String user) {
        return new String[] {
            "--kafka",
            kafka.bootstrapServers(),
            "--kafka-property",
            "security.protocol=SASL_PLAINTEXT",
            "--kafka-property",
            "sasl.mechanism=PLAIN",
            "--kafka-property",
            "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username=\"" + user
                    + "\" password=\"of-" + user + "\";"
        };
    }

    private static String[] with(String[] options, String... command) {
        return Stream.concat(Stream.of(command), Stream.of(options)).toArray(String[]::new);
    }

    private static String url(String jdbcUrl, String user, String password) {
        return jdbcUrl + "?user=" + user + "&password=" + password;
    }

    private static void execute(String sql) throws SQLException {
        execute(url(postgres.jdbcUrl(), postgres.user(), postgres.password()), sql);
    }

    private static void execute(String url, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
