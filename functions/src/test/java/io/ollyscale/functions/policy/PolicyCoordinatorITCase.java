package io.ollyscale.functions.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ollyscale.functions.postgres.PostgresConnection;
import io.ollyscale.local.LocalPostgres;
import io.ollyscale.schema.policy.AttributeContext;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.policy.PolicyFiles;
import io.ollyscale.sql.Migrations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.operators.coordination.EventReceivingTasks;
import org.apache.flink.runtime.operators.coordination.MockOperatorCoordinatorContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

/** What the coordinator does where files, database or subtasks fail, on a real database. */
class PolicyCoordinatorITCase {
    private static final OperatorID OPERATOR = new OperatorID(1, 2);

    private static LocalPostgres server;
    private static PostgresConnection postgres;

    @TempDir
    private Path directory;

    private final EventReceivingTasks subtasks = EventReceivingTasks.createForRunningTasks();

    @BeforeAll
    static void start() {
        server = LocalPostgres.builder().shortLived().start();
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(server.jdbcUrl());
        dataSource.setUser(server.user());
        dataSource.setPassword(server.password());
        Migrations.migrate(dataSource);
        postgres = new PostgresConnection(server.jdbcUrl(), server.user(), server.password());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void empty() throws Exception {
        execute("TRUNCATE otel.attribute_policy");
        promote("first");
    }

    @Test
    void eachSubtaskHasThePolicyInForceWheneverItBegins() throws Exception {
        try (PolicyCoordinator coordinator = coordinator()) {
            coordinator.start();
            ready(coordinator, 0);
            await().until(() -> last(0).equals("first"));

            promote("second");
            await().until(() -> last(0).equals("second"));
            ready(coordinator, 1);
            assertThat(last(1)).isEqualTo("second");

            coordinator.executionAttemptFailed(0, 0, new IllegalStateException("of the test"));
            coordinator.subtaskReset(0, 1);
            int before = subtasks.getSentEventsForSubtask(0).size();
            promote("third");
            await().until(() -> last(1).equals("third"));
            assertThat(subtasks.getSentEventsForSubtask(0)).hasSize(before);
            ready(coordinator, 0);
            assertThat(last(0)).isEqualTo("third");

            coordinator.resetToCheckpoint(7, null);
            promote("fourth");
            await().until(() -> versions() == 4);
            ready(coordinator, 1);
            await().until(() -> last(1).equals("fourth"));
        }
    }

    @Test
    void neitherAFailureOfFilesNorOneOfTheDatabaseEndsTheWatch() throws Exception {
        try (PolicyCoordinator coordinator = coordinator()) {
            coordinator.start();
            ready(coordinator, 0);
            await().until(() -> last(0).equals("first"));

            write("span: {a: &x [[*x]]}\n");
            promote("second");
            await().until(() -> last(0).equals("second"));

            Files.delete(directory.resolve(PolicyFiles.PROMOTED));
            promote("third");
            await().until(() -> last(0).equals("third"));
        }
    }

    @Test
    void aPolicyThatWasNotRegisteredIsTriedAgain() throws Exception {
        WatchedPolicy watched = new WatchedPolicy(directory, postgres);
        execute("ALTER TABLE otel.attribute_policy RENAME TO elsewhere");
        try {
            assertThatThrownBy(watched::look).isInstanceOf(SQLException.class);
        } finally {
            execute("ALTER TABLE otel.elsewhere RENAME TO attribute_policy");
        }

        assertThat(watched.look().map(PolicyCoordinatorITCase::promoted)).contains("first");
        assertThat(watched.look()).isEmpty();
    }

    /** As the coordinators of a job's signals do. */
    @Test
    void severalThatRegisterAtOnceMakeOneVersion() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(6);
        try {
            List<Callable<Long>> looks = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                WatchedPolicy watched = new WatchedPolicy(directory, postgres);
                looks.add(() -> watched.look().orElseThrow().version());
            }
            List<Long> versions = new ArrayList<>();
            for (Future<Long> look : threads.invokeAll(looks)) {
                versions.add(look.get());
            }
            assertThat(versions).hasSize(6).containsOnly(versions.get(0));
            assertThat(versions()).isEqualTo(1);
        } finally {
            threads.shutdownNow();
        }
    }

    /** Whoever waited for another one's registration registers what the files say by then. */
    @Test
    void filesThatChangeWhileItWaitsAreReadAgain() throws Exception {
        WatchedPolicy watched = new WatchedPolicy(directory, postgres);
        CompletableFuture<String> look;
        try (Connection other = postgres.open("test")) {
            PolicyRegistry.lock(other);
            look = CompletableFuture.supplyAsync(() -> {
                try {
                    return promoted(watched.look().orElseThrow());
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            await().until(() ->
                    number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") == 1);
            promote("second");
        }

        assertThat(look.get()).isEqualTo("second");
        assertThat(number("SELECT count(*) FROM otel.attribute_policy WHERE content::text LIKE '%first%'"))
                .isZero();
    }

    @Test
    void hasNothingToKeepInACheckpoint() throws Exception {
        try (PolicyCoordinator coordinator = coordinator()) {
            CompletableFuture<byte[]> state = new CompletableFuture<>();
            coordinator.checkpointCoordinator(1, state);
            assertThat(state.get()).isEmpty();
        }
    }

    private PolicyCoordinator coordinator() throws Exception {
        return new PolicyCoordinator.Provider(OPERATOR, 1, directory.toString(), postgres, Duration.ofMillis(20))
                .create(new MockOperatorCoordinatorContext(OPERATOR, 2));
    }

    private void ready(PolicyCoordinator coordinator, int subtask) {
        coordinator.executionAttemptReady(subtask, 0, subtasks.createGatewayForSubtask(subtask, 0));
    }

    /** What the last policy promotes that a subtask got; empty where it got none. */
    private String last(int subtask) {
        List<PolicyEvent> events = subtasks.getSentEventsForSubtask(subtask).stream()
                .map(PolicyEvent.class::cast)
                .toList();
        return events.isEmpty() ? "" : promoted(events.get(events.size() - 1).policy());
    }

    private static String promoted(AttributePolicy policy) {
        return String.join(" ", policy.of(AttributeContext.SPAN).promoted().keySet());
    }

    private void promote(String key) throws IOException {
        write("span: {" + key + ": int}\n");
    }

    private void write(String promoted) throws IOException {
        Files.writeString(directory.resolve(PolicyFiles.DROPPED), "span: []\n");
        Path unfinished = Files.writeString(directory.resolve("unfinished"), promoted);
        Files.move(unfinished, directory.resolve(PolicyFiles.PROMOTED), StandardCopyOption.REPLACE_EXISTING);
    }

    private static long versions() throws SQLException {
        return number("SELECT count(*) FROM otel.attribute_policy");
    }

    private static long number(String query) throws SQLException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement();
                var result = statement.executeQuery(query)) {
            result.next();
            return result.getLong(1);
        }
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
