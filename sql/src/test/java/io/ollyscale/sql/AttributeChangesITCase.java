package io.ollyscale.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Promoting, demoting and dropping stored attributes while others are at work, and after an interruption. */
class AttributeChangesITCase {

    private static final String LOCK_THE_51ST =
            "SELECT FROM %1$s WHERE %2$s = (SELECT %2$s FROM %1$s ORDER BY %2$s OFFSET 50 LIMIT 1) FOR UPDATE";

    private static TestDatabase database;

    @BeforeAll
    static void migrate() throws Exception {
        database = TestDatabase.migrated();
        database.execute(
                "CALL otel.ensure_partitions('1 hour')",
                "CREATE SEQUENCE numbers",
                "SELECT otel.register_attribute_keys('{k}', '{int}', '{t}')");
    }

    @BeforeEach
    void empty() throws Exception {
        database.execute(Arrays.stream(AttributeOwners.values())
                .map(AttributeOwners::delete)
                .toArray(String[]::new));
        database.execute("TRUNCATE otel.attribute_changes");
    }

    @ParameterizedTest
    @CsvSource({"SPAN, promote", "SPAN, demote", "SPAN, drop", "RESOURCE, promote", "RESOURCE, demote", "RESOURCE, drop"
    })
    void goesOnWhereItWasKilled(AttributeOwners owners, String action) throws Exception {
        fill(owners);
        if (action.equals("demote")) {
            database.execute(call(owners, "promote"), "TRUNCATE otel.attribute_changes");
        }
        List<String> attributes = database.query(owners.unified());

        killHalfWay(owners, action);

        assertThat(database.value("SELECT value_count, finished_at FROM otel.attribute_changes"))
                .isEqualTo("50|null");
        assertThat(database.value("SELECT count(*) FROM " + owners.typed("int")))
                .isEqualTo(action.equals("drop") ? "0" : "50");
        assertThat(database.query(owners.unified())).hasSize(action.equals("drop") ? 150 : 200);

        assertThat(database.value(call(owners, action))).isEqualTo("100");

        assertThat(database.value("SELECT value_count, finished_at IS NOT NULL FROM otel.attribute_changes"))
                .isEqualTo("100|t");
        assertThat(database.value("SELECT count(*) FROM " + owners.typed("int")))
                .isEqualTo(action.equals("promote") ? "100" : "0");
        if (action.equals("drop")) {
            assertThat(database.query(owners.unified())).hasSize(100).allMatch(row -> row.contains("|o|"));
        } else {
            assertThat(database.query(owners.unified())).isEqualTo(attributes);
        }
    }

    /** Of facts behind what was done, of dimensions anywhere: their ids are hashes. */
    @ParameterizedTest
    @CsvSource({"SPAN", "SCOPE"})
    void coversWhatCameAfterItWasKilled(AttributeOwners owners) throws Exception {
        fill(owners);
        killHalfWay(owners, "promote");
        fill(owners);
        if (owners == AttributeOwners.SCOPE) {
            database.execute(owners.insert("SELECT -5, jsonb_build_object('k', 1, 'o', 1.50)"));
        }

        String all = owners == AttributeOwners.SCOPE ? "201" : "200";
        assertThat(database.value(call(owners, "promote"))).isEqualTo(all);
        assertThat(database.value("SELECT count(*) FROM " + owners.typed("int")))
                .isEqualTo(all);
    }

    /** Its rows have ids that the walk would pass before anybody sees them. */
    @Test
    void waitsForTransactionsThatStoreAlready() throws Exception {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (Connection writer = database.connect();
                Connection caller = database.connect()) {
            String pid = TestDatabase.query(caller, "SELECT pg_backend_pid()").get(0);
            writer.setAutoCommit(false);
            TestDatabase.execute(writer, insertSpans(10));
            fill(AttributeOwners.SPAN);
            Future<List<String>> erased =
                    thread.submit(() -> TestDatabase.query(caller, call(AttributeOwners.SPAN, "drop")));
            awaitRest(pid, "true");
            writer.commit();

            assertThat(erased.get()).containsExactly("110");
        } finally {
            thread.shutdownNow();
        }
    }

    @Test
    void beginsAnewWhereAnotherChangeOfTheKeyCameBetween() throws Exception {
        fill(AttributeOwners.SPAN);
        killHalfWay(AttributeOwners.SPAN, "promote");

        assertThat(database.value(call(AttributeOwners.SPAN, "demote"))).isEqualTo("50");
        assertThat(database.value(call(AttributeOwners.SPAN, "promote"))).isEqualTo("100");

        assertThat(
                        database.query(
                                "SELECT action, value_count, finished_at IS NOT NULL FROM otel.attribute_changes ORDER BY change_id"))
                .containsExactly("promote|50|f", "demote|50|t", "promote|100|t");
    }

    @Test
    void findsWhatCameUnderTheOldPolicyWhenItIsCalledAgain() throws Exception {
        fill(AttributeOwners.SPAN);
        database.execute(call(AttributeOwners.SPAN, "promote"));
        fill(AttributeOwners.SPAN);

        assertThat(database.value(call(AttributeOwners.SPAN, "promote"))).isEqualTo("100");
    }

    @Test
    void refusesASecondCallForTheContextWhileOneRuns() throws Exception {
        fill(AttributeOwners.SPAN);
        fill(AttributeOwners.LOG);
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (Connection holder = database.connect()) {
            holder.setAutoCommit(false);
            TestDatabase.query(
                    holder, LOCK_THE_51ST.formatted(AttributeOwners.SPAN.table(), AttributeOwners.SPAN.id()));
            Future<String> first = thread.submit(() -> database.value(call(AttributeOwners.SPAN, "promote")));
            database.awaitSessionBehind(holder);

            assertThatThrownBy(() -> database.execute("CALL otel.drop_attribute('span', 'k')"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("another session changes attributes of context span now")
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("55006");
            assertThat(database.value(call(AttributeOwners.LOG, "promote"))).isEqualTo("100");

            holder.rollback();
            assertThat(first.get()).isEqualTo("100");
        } finally {
            thread.shutdownNow();
        }
        assertThat(database.value("CALL otel.drop_attribute('span', 'k')")).isEqualTo("100");
    }

    @Test
    void leavesNothingLockedWhereItFails() throws Exception {
        fill(AttributeOwners.SPAN);
        try (Connection holder = database.connect();
                Connection failing = database.connect()) {
            holder.setAutoCommit(false);
            TestDatabase.query(
                    holder, LOCK_THE_51ST.formatted(AttributeOwners.SPAN.table(), AttributeOwners.SPAN.id()));
            assertThatThrownBy(() -> TestDatabase.execute(
                            failing, "SET lock_timeout = '50ms'", call(AttributeOwners.SPAN, "promote")))
                    .isInstanceOf(SQLException.class)
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("55P03");
            holder.rollback();

            assertThat(TestDatabase.query(failing, "SELECT FROM pg_locks WHERE locktype = 'advisory'"))
                    .isEmpty();
            assertThat(database.value(call(AttributeOwners.SPAN, "promote"))).isEqualTo("100");
        }
    }

    @Test
    void isAloneWhileItRestsAndCanBeCancelledThen() throws Exception {
        fill(AttributeOwners.SPAN);
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (Connection resting = database.connect()) {
            String pid = TestDatabase.query(resting, "SELECT pg_backend_pid()").get(0);
            Future<?> first = thread.submit(() -> {
                TestDatabase.execute(resting, "CALL otel.promote_attribute('span', 'k', 'int', 10, 600000)");
                return null;
            });
            awaitRest(pid, "(SELECT value_count FROM otel.attribute_changes) = 10");

            assertThatThrownBy(() -> database.execute(call(AttributeOwners.SPAN, "promote")))
                    .hasMessageContaining("another session changes attributes of context span now");
            assertThat(database.value("SELECT value_count, finished_at FROM otel.attribute_changes"))
                    .isEqualTo("10|null");
            database.execute("SELECT pg_cancel_backend(" + pid + ")");

            assertThatThrownBy(first::get).hasMessageContaining("canceling statement due to user request");
            assertThat(database.value(call(AttributeOwners.SPAN, "promote"))).isEqualTo("100");
        } finally {
            thread.shutdownNow();
        }
    }

    /** Writers of both policies, as while a new policy spreads: every snapshot must have each attribute once. */
    @Test
    void losesAndDoublesNothingWhileOthersWrite() throws Exception {
        database.execute(
                insertSpans(2000),
                AttributeOwners.RESOURCE.insert(
                        "SELECT n, jsonb_build_object('k', n, 'o', 1.50) FROM generate_series(1, 200) AS n"));
        AtomicBoolean running = new AtomicBoolean(true);

        List<Integer> counts = database.concurrently(List.of(
                connection -> changes(connection, running),
                connection -> writesOfSpans(connection, running),
                connection -> writesOfResources(connection, running, 1),
                connection -> writesOfResources(connection, running, 2),
                connection -> snapshots(connection, running)));

        assertThat(counts).allMatch(count -> count >= 10);
        database.execute(call(AttributeOwners.SPAN, "promote"), call(AttributeOwners.RESOURCE, "promote"));
        assertThat(database.query("SELECT parent_id FROM otel.span_attrs_other WHERE attributes ? 'k'"))
                .isEmpty();
        assertThat(database.query("SELECT resource_id FROM otel.resource_attrs_other WHERE attributes ? 'k'"))
                .isEmpty();
        assertThat(database.value("SELECT count(*) FROM otel.resource_attrs_int"))
                .isEqualTo("200");
        assertThat(database.value("SELECT count(*) = (SELECT count(*) FROM otel.spans_fact) FROM otel.span_attrs_int"))
                .isEqualTo("t");
    }

    private static int changes(Connection connection, AtomicBoolean running) throws SQLException {
        try {
            for (int i = 0; i < 3; i++) {
                for (String action : List.of("promote", "demote")) {
                    String arguments = action.equals("promote") ? "'k', 'int'" : "'k'";
                    TestDatabase.execute(
                            connection,
                            "CALL otel." + action + "_attribute('resource', " + arguments + ", 50, 0)",
                            "CALL otel." + action + "_attribute('span', " + arguments + ", 300, 0)",
                            "CALL otel." + action + "_attribute('resource', " + arguments + ", 7, 0)");
                }
            }
            return 10;
        } finally {
            running.set(false);
        }
    }

    private static int writesOfSpans(Connection connection, AtomicBoolean running) throws SQLException {
        int writes = 0;
        while (running.get()) {
            TestDatabase.execute(connection, insertSpans(10));
            writes++;
        }
        return writes;
    }

    /** As the job's: several in a transaction, in the order of their ids. */
    private static int writesOfResources(Connection connection, AtomicBoolean running, int seed) throws SQLException {
        Random random = new Random(seed);
        int writes = 0;
        while (running.get()) {
            boolean promoted = random.nextBoolean();
            TestDatabase.execute(connection, """
                    DO $$
                    DECLARE
                        r record;
                    BEGIN
                        FOR r IN SELECT resource_id, resource_hash FROM otel.resources_dim WHERE abs(resource_id %% 7) = %d ORDER BY resource_id LOOP
                            CALL otel.upsert_dimension('resource', r.resource_id, r.resource_hash, clock_timestamp(),
                                '{"present": true, "service_id": 6, "schema_url": "", "dropped_attributes_count": 0, "policy_dropped_count": 0, "policy_version": 1}',
                                NULL, NULL, %s, NULL, NULL, NULL, NULL, NULL, NULL, %s, NULL);
                        END LOOP;
                    END
                    $$""".formatted(
                            random.nextInt(7),
                            promoted ? "ARRAY[otel.key_id('k', 'int')], ARRAY[5::bigint]" : "NULL, NULL",
                            promoted ? "NULL" : "'{\"k\": 5, \"o\": 1.50}'"));
            writes++;
        }
        return writes;
    }

    private static int snapshots(Connection connection, AtomicBoolean running) throws SQLException {
        int snapshots = 0;
        while (running.get()) {
            assertThat(TestDatabase.query(connection, """
                            SELECT 'span', count(*), count(DISTINCT parent_id), (SELECT count(*) FROM otel.spans_fact) FROM otel.span_attrs_unified WHERE key = 'k'
                            UNION ALL
                            SELECT 'resource', count(*), count(DISTINCT resource_id), (SELECT count(*) FROM otel.resources_dim) FROM otel.resource_attrs_unified WHERE key = 'k'
                            """)).allMatch(row -> row.matches("[a-z]+\\|(\\d+)\\|\\1\\|\\1"));
            snapshots++;
        }
        return snapshots;
    }

    /** Every second one under a policy that promotes the key. */
    private static String insertSpans(int count) {
        return """
                WITH numbered AS MATERIALIZED (SELECT otel.id_at(now()) + nextval('numbers') AS id, n FROM generate_series(1, %d) AS n),
                typed AS (INSERT INTO otel.span_attrs_int SELECT id, otel.key_id('k', 'int'), n FROM numbered WHERE n %% 2 = 0)
                INSERT INTO otel.spans_fact (id, resource_id, scope_id, service_id, operation_id, duration_ns, trace_state, name, kind, flags,
                    dropped_attributes_count, dropped_events_count, dropped_links_count, attributes_other)
                SELECT id, 1, 1, 1, 1, 1, '', '', 2, 0, 0, 0, 0, CASE WHEN n %% 2 = 1 THEN jsonb_build_object('k', n) END FROM numbered
                """.formatted(count);
    }

    /** A hundred with the key and another one. */
    private static void fill(AttributeOwners owners) throws SQLException {
        database.execute(owners.insert(
                "SELECT nextval('numbers'), jsonb_build_object('k', n, 'o', 1.50) FROM generate_series(1, 100) AS n"));
    }

    private static String call(AttributeOwners owners, String action) {
        return "CALL otel." + action + "_attribute('" + owners.context() + "', 'k', "
                + (action.equals("promote") ? "'int', " : "") + "10, 0)";
    }

    private static void awaitRest(String pid, String condition) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (database.query("SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND pid = " + pid + " AND "
                        + condition)
                .isEmpty()) {
            assertThat(System.nanoTime()).as("It rests").isLessThan(deadline);
            Thread.sleep(10);
        }
    }

    /** Ends the session of a call in its sixth batch of ten. */
    private static void killHalfWay(AttributeOwners owners, String action) throws Exception {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (Connection holder = database.connect();
                Connection victim = database.connect()) {
            String pid = TestDatabase.query(victim, "SELECT pg_backend_pid()").get(0);
            holder.setAutoCommit(false);
            TestDatabase.query(holder, LOCK_THE_51ST.formatted(owners.table(), owners.id()));
            Future<List<String>> running = thread.submit(() -> TestDatabase.query(victim, call(owners, action)));
            database.awaitSessionBehind(holder);

            // Waits for its end, a minute at most.
            assertThat(database.value("SELECT pg_terminate_backend(" + pid + ", 60000)"))
                    .isEqualTo("t");

            assertThatThrownBy(running::get).hasMessageContaining("terminating connection");
            holder.rollback();
        } finally {
            thread.shutdownNow();
        }
    }
}
