package io.ollyscale.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ollyscale.jobs.testing.ConfigMapDirectory;
import io.ollyscale.jobs.testing.IngestCluster;
import io.ollyscale.jobs.testing.IngestRun;
import io.ollyscale.jobs.testing.NumberRange;
import io.ollyscale.jobs.testing.TestServers;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.policy.PolicyException;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The attribute policy's files change under a job that runs, as those of a mounted ConfigMap do. */
class PolicyChangeITCase {
    private static final String NUMBERS = "log: {test.number: int}\n";

    /** Promotes the method, and drops nothing that is sent. */
    private static final String PROMOTED_BEFORE =
            NUMBERS + "span: {test.number: int, http.request.method: string}\nresource: {service.name: string}\n";

    private static final String DROPPED_BEFORE = "span: [nobody.sends.this]\n";

    /** The route in place of the method, and of resources the process in place of the service. */
    private static final String PROMOTED_AFTER =
            NUMBERS + "span: {test.number: int, http.route: string}\nresource: {process.pid: int}\n";

    private static final String DROPPED_AFTER = "span: [http.response.*]\nresource: [deployment.environment.name]\n";

    /** A span's number; the keys of its attributes, in order; whether the method is typed, and whether the route is. */
    private static final String SPANS = """
            SELECT format('%s|%s|%s|%s', n.value,
                (SELECT string_agg(a.key, ' ' ORDER BY a.key COLLATE "C") FROM otel.span_attrs_unified AS a WHERE a.parent_id = f.id),
                EXISTS (SELECT FROM otel.span_attrs_string AS a
                    WHERE a.parent_id = f.id AND a.key_id = otel.key_id('http.request.method', 'string')),
                EXISTS (SELECT FROM otel.span_attrs_string AS a
                    WHERE a.parent_id = f.id AND a.key_id = otel.key_id('http.route', 'string')))
            FROM otel.spans_fact AS f
            JOIN otel.span_attrs_int AS n ON n.parent_id = f.id AND n.key_id = otel.key_id('test.number', 'int')
            """;

    private static final String RESOURCES = """
            SELECT format('%s: %s',
                (SELECT string_agg(coalesce(a.str_value, a.int_value::text), ' ' ORDER BY a.key COLLATE "C")
                    FROM otel.resource_attrs_unified AS a WHERE a.resource_id = r.resource_id),
                (SELECT string_agg(t.value, ' ') FROM (
                    SELECT resource_id, value FROM otel.resource_attrs_string
                    UNION ALL SELECT resource_id, value::text FROM otel.resource_attrs_int) AS t WHERE t.resource_id = r.resource_id))
            FROM otel.resources_dim AS r
            """;

    private static TestServers servers;

    @TempDir
    private static Path servedFrom;

    @TempDir
    private Path directory;

    private ConfigMapDirectory files;
    private InMemoryReporter metrics;
    private Configuration options;
    private NumberRange published = new NumberRange(0, 0);

    @BeforeAll
    static void startServers() {
        servers = TestServers.start(servedFrom);
        for (Signal signal : Signal.values()) {
            servers.kafka().createTopic(signal.defaultTopic(), 2);
        }
    }

    @AfterAll
    static void stopServers() {
        servers.close();
    }

    @BeforeEach
    void prepare() throws Exception {
        servers.execute(
                "TRUNCATE otel.spans_fact, otel.span_attrs_string, otel.span_attrs_int, otel.resources_dim CASCADE");
        files = new ConfigMapDirectory(
                Files.createDirectory(directory.resolve("policy")), PROMOTED_BEFORE, DROPPED_BEFORE);
        metrics = InMemoryReporter.createWithRetainedMetrics();
        options = metrics.addToConfiguration(servers.options());
        options.set(IngestOptions.POLICY_DIRECTORY, files.toString());
        options.set(IngestOptions.POLICY_WATCH_INTERVAL, Duration.ofMillis(100));
    }

    /** Resources are known before, and in the registry's state not due again for years. */
    @Test
    void aChangeTakesEffectWhileDataFlows() throws Exception {
        try (IngestCluster cluster = cluster()) {
            IngestRun run = cluster.submit(IngestCluster.MOST_PARALLEL, SavepointRestoreSettings.none());
            publish(run, 400);
            run.awaitWhileRunning("resources", () -> resources().equals(resourcesBefore()));

            files.change(PROMOTED_AFTER, DROPPED_AFTER);
            awaitUnderway(run, "http.route");
            publish(run, 400);
            run.awaitWhileRunning(
                    "resources under the new policy", () -> resources().equals(resourcesAfter()));

            assertThat(assertExact()).isEqualTo(Set.of("before", "after"));
            assertThat(failures(run)).isZero();
        }
    }

    @Test
    void aBrokenPolicyChangesNothingUntilItIsMended() throws Exception {
        try (IngestCluster cluster = cluster()) {
            IngestRun run = cluster.submit(1, SavepointRestoreSettings.none());
            publish(run, 100);
            long versions = versions();

            files.change(PROMOTED_AFTER, "span: [http.route]\n");
            run.awaitWhileRunning("the error to be counted", () -> failures(run) > 0);
            publish(run, 100);
            assertThat(assertExact()).isEqualTo(Set.of("before"));
            assertThat(versions()).isEqualTo(versions);

            files.change(PROMOTED_AFTER, DROPPED_AFTER);
            awaitUnderway(run, "http.route");
            assertThat(assertExact()).isEqualTo(Set.of("before", "after"));
        }
    }

    @Test
    void aSavepointUnderOnePolicyGoesOnUnderTheNext() throws Exception {
        try (IngestCluster cluster = cluster()) {
            IngestRun run = cluster.submit(IngestCluster.MOST_PARALLEL, SavepointRestoreSettings.none());
            publish(run, 400);
            String savepoint = run.stopWithSavepoint();

            files.change(PROMOTED_AFTER, "span: [http.route]\n");
            assertThatThrownBy(() -> cluster.submit(1, SavepointRestoreSettings.forPath(savepoint)))
                    .isInstanceOf(PolicyException.class)
                    .hasMessage("dropped-keys.yaml: span drops http.route, which promoted-keys.yaml promotes");

            files.change(PROMOTED_AFTER, DROPPED_AFTER);
            IngestRun restored = cluster.submit(1, SavepointRestoreSettings.forPath(savepoint));
            publish(restored, 400);
            restored.awaitWhileRunning(
                    "resources under the new policy", () -> resources().equals(resourcesAfter()));
            assertThat(assertExact()).isEqualTo(Set.of("before", "after"));
            assertThat(underPolicy("after")).isEqualTo(400);
            String again = restored.stopWithSavepoint();

            // Back to what it was: a new version, and not the old one.
            files.change(PROMOTED_BEFORE, DROPPED_BEFORE);
            IngestRun back = cluster.submit(IngestCluster.MOST_PARALLEL, SavepointRestoreSettings.forPath(again));
            publish(back, 400);
            back.awaitWhileRunning("resources as before", () -> resources().equals(resourcesBefore()));
            assertThat(underPolicy("before")).isEqualTo(800);
            assertExact();
        }
    }

    /** What watches the policy costs no shuffle: facts go from the source to the sink within one task. */
    @Test
    void factsStayInOneTask() throws Exception {
        try (IngestCluster cluster = cluster()) {
            assertThat(cluster.graph(1, IngestJob::define).getVertices())
                    .extracting(JobVertex::getName)
                    .contains(
                            "Source: traces-source -> traces-flatten -> traces-sink: Writer -> traces-sink: Committer")
                    .filteredOn(name -> name.contains("flatten"))
                    .hasSize(Signal.values().length);
        }
    }

    private IngestCluster cluster() throws Exception {
        return IngestCluster.start(options, Files.createDirectory(directory.resolve("flink")));
    }

    /** Publishes spans, log records and points with the next numbers, and waits until they are stored. */
    private void publish(IngestRun run, int count) throws Exception {
        NumberRange next = published.next(count);
        servers.publish(next);
        published = new NumberRange(0, next.end());
        int stored = published.end();
        run.awaitWhileRunning(
                "everything to be stored", () -> servers.stored(Signal.TRACES).size() >= stored);
    }

    /** Lets data flow until spans have this key typed. */
    private void awaitUnderway(IngestRun run, String key) throws Exception {
        do {
            publish(run, 100);
        } while (servers.texts(
                        "SELECT value FROM otel.span_attrs_string WHERE key_id = otel.key_id('" + key + "', 'string')")
                .isEmpty());
    }

    /** That each span is stored once and as one of the two policies says; returns by which. */
    private Set<String> assertExact() throws SQLException {
        assertThat(servers.stored(Signal.TRACES)).isEqualTo(published.each());
        Map<Integer, String> policies = policies();
        return new HashSet<>(policies.values());
    }

    private long underPolicy(String name) throws SQLException {
        return policies().values().stream().filter(name::equals).count();
    }

    /** By number, which policy a span was stored by; fails for one that neither explains. */
    private Map<Integer, String> policies() throws SQLException {
        Map<Integer, String> policies = new TreeMap<>();
        for (String row : servers.texts(SPANS)) {
            int number = Integer.parseInt(row.substring(0, row.indexOf('|')));
            String before = number + "|" + keys(number, Set.of()) + "|t|f";
            String after = number + "|" + keys(number, Set.of("http.response.status_code")) + "|f|t";
            assertThat(row).isIn(before, after);
            policies.put(number, row.equals(before) ? "before" : "after");
        }
        return policies;
    }

    private static String keys(int number, Set<String> dropped) {
        return TraceRecords.span(number).getAttributesList().stream()
                .map(KeyValue::getKey)
                .filter(key -> !dropped.contains(key))
                .sorted()
                .collect(Collectors.joining(" "));
    }

    private static Set<String> resources() throws SQLException {
        return servers.texts(RESOURCES);
    }

    private static Set<String> resourcesBefore() {
        return resources("staging 100%1$d instance-%1$d service-%1$d test 1.%1$d: service-%1$d");
    }

    private static Set<String> resourcesAfter() {
        return resources("100%1$d instance-%1$d service-%1$d test 1.%1$d: 100%1$d");
    }

    private static Set<String> resources(String format) {
        Set<String> resources = new HashSet<>();
        for (int service = 0; service < TraceRecords.SERVICES; service++) {
            resources.add(format.formatted(service));
        }
        return resources;
    }

    private static long versions() throws SQLException {
        return servers.texts("SELECT version::text FROM otel.attribute_policy").size();
    }

    /** Of all coordinators together. */
    private long failures(IngestRun run) {
        return metrics.findMetrics(run.id(), "policyErrors").values().stream()
                .mapToLong(counter -> ((Counter) counter).getCount())
                .sum();
    }
}
