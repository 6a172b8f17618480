package io.ollyscale.functions.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.ollyscale.functions.postgres.PostgresConnection;
import io.ollyscale.schema.otlp.Signal;
import java.io.IOException;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Errors of the server's state: the same records are stored a little later, once. */
@ExtendWith(Servers.class)
class PassingErrorITCase {
    private static final int UNITS = 100;
    private static final Duration LONG = Duration.ofMinutes(1);

    @ParameterizedTest
    @EnumSource
    void triesAgainAfterLockTimeout(Signal signal, Stack servers) throws Exception {
        Stack stack = servers.of(signal);
        retriesWhileLocked(stack, timeouts(stack, Duration.ofMillis(100), LONG));
    }

    @Test
    void triesAgainAfterStatementTimeout(Stack stack) throws Exception {
        retriesWhileLocked(stack, timeouts(stack, LONG, Duration.ofMillis(500)));
    }

    private static void retriesWhileLocked(Stack stack, PostgresConnection timeouts) throws Exception {
        Writer writer = stack.writer().postgres(timeouts).open();
        Future<Void> storing;
        try (Connection locked = stack.lock(lock(stack.table()))) {
            storing = writer.storeInBackground(stack.batch(0, UNITS));
            await().until(() -> writer.metrics().retries.getCount() > 0);
            assertThat(stack.numbers()).isEmpty();
            locked.rollback();
        }
        storing.get(30, TimeUnit.SECONDS);
        assertStoredOnce(stack);
    }

    @Test
    void givesUpWhereLockStaysTaken(Stack stack) throws Exception {
        Writer writer = stack.writer()
                .postgres(timeouts(stack, Duration.ofMillis(1), LONG))
                .open();
        try (Connection locked = stack.lock(lock(stack.table()))) {
            assertThatThrownBy(() -> writer.store(stack.batch(0, UNITS)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("55P03")
                    .hasCauseInstanceOf(SQLException.class);
            locked.rollback();
        }
        assertThat(writer.metrics().retries.getCount()).isEqualTo(4);
        stack.assertNothingStored();
    }

    @ParameterizedTest
    @EnumSource
    void triesAgainAfterBackendWasTerminatedDuringCopy(Signal signal, Stack servers) throws Exception {
        Stack stack = servers.of(signal);
        Writer writer = stack.writer().open();
        Future<Void> storing;
        try (Connection locked = stack.lock(lock(stack.laterTable()))) {
            storing = writer.storeInBackground(stack.batch(0, UNITS));
            stack.execute("SELECT pg_terminate_backend(" + stack.awaitBlocked() + ")");
            await().until(() -> writer.metrics().retries.getCount() > 0);
            locked.rollback();
        }
        storing.get(30, TimeUnit.SECONDS);
        assertStoredOnce(stack);
    }

    @ParameterizedTest
    @EnumSource
    void triesAgainAfterDeadlock(Signal signal, Stack servers) throws Exception {
        Stack stack = servers.of(signal);
        // Whoever has waited that long looks whether there is a deadlock, once: time enough to make one.
        stack.execute("ALTER DATABASE " + database(stack) + " SET deadlock_timeout = '2s'");
        Writer writer = stack.writer().open();
        Future<Void> storing;
        try (Connection other = stack.lock("SET LOCAL deadlock_timeout = '1min'", lock(stack.laterTable()));
                Statement statement = other.createStatement()) {
            // It has copied the units and waits for a later table.
            storing = writer.storeInBackground(stack.batch(0, UNITS));
            stack.awaitBlocked();
            // The writer is the one that notices first, and is the victim.
            statement.execute(lock(stack.table()));
            await().until(() -> writer.metrics().retries.getCount() > 0);
            other.rollback();
        }
        storing.get(30, TimeUnit.SECONDS);
        assertStoredOnce(stack);
    }

    @Test
    void triesAgainAfterSerializationFailure(Stack stack) throws Exception {
        stack.execute("ALTER DATABASE " + database(stack) + " SET default_transaction_isolation = 'repeatable read'");
        Writer writer = stack.writer().open();
        writer.store(stack.batch(0, UNITS));
        Future<Void> storing;
        try (Connection locked = stack.lock(lock(stack.table()))) {
            storing = writer.storeInBackground(stack.batch(1, UNITS));
            stack.awaitBlocked();
            // As the committer does meanwhile: the writer's snapshot is older.
            stack.execute("UPDATE otel.ingest_ledger SET safe_offset = 1");
            locked.rollback();
        }
        storing.get(30, TimeUnit.SECONDS);
        assertThat(writer.metrics().retries.getCount()).isEqualTo(1);
        stack.assertStoresFirst(2 * UNITS);
    }

    @Test
    void waitsForFreeConnection(Stack stack) throws Exception {
        String role = Roles.ingest(stack);
        stack.execute("ALTER ROLE " + role + " CONNECTION LIMIT 1");
        PostgresConnection one = new PostgresConnection(stack.postgres().jdbcUrl(), role, Roles.PASSWORD);
        Writer writer = stack.writer().postgres(one).open();
        writer.store(stack.batch(0, UNITS));
        String sessions = "SELECT pid FROM pg_stat_activity WHERE usename = '" + role + "'";
        stack.execute("SELECT pg_terminate_backend(pid) FROM (" + sessions + ") AS s");
        await().until(() -> stack.query(sessions).isEmpty());

        Future<Void> storing;
        try (Connection occupied = one.open("test")) {
            storing = writer.storeInBackground(stack.batch(1, UNITS));
            // One is for the session that is gone, the next for that which isn't to be had.
            await().until(() -> writer.metrics().retries.getCount() > 1);
            assertThat(occupied.isValid(0)).isTrue();
        }
        storing.get(30, TimeUnit.SECONDS);
        stack.assertStoresFirst(2 * UNITS);
    }

    @Test
    void failsAfterSomeAttemptsWhereServerStaysDown(Stack stack) throws Exception {
        Writer writer;
        try (CuttingProxy proxy = new CuttingProxy(port(stack))) {
            writer = stack.writer().postgres(through(proxy, stack)).open();
            writer.store(stack.batch(0, UNITS));
        }

        assertThatThrownBy(() -> writer.store(stack.batch(1, UNITS)))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(UnknownOutcomeException.class)
                .hasMessageContaining("08001");

        assertThat(writer.metrics().retries.getCount()).isEqualTo(4);
        stack.assertStoresFirst(UNITS);
        assertThat(stack.nextOffset()).isEqualTo("1");
    }

    @Test
    void closesWithoutWaitingForServer(Stack stack) throws Exception {
        Writer writer = stack.writer().open();
        try (Connection locked = stack.lock(lock(stack.table()))) {
            Future<Void> storing = writer.storeInBackground(stack.batch(0, UNITS));
            stack.awaitBlocked();

            writer.close();

            assertThatThrownBy(() -> storing.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
            locked.rollback();
        }
        await().until(() -> stack.query("SELECT FROM pg_stat_activity WHERE application_name = 'ollyscale sink'"
                        + " AND datname = current_database()")
                .isEmpty());
        stack.assertNothingStored();
    }

    static PostgresConnection through(CuttingProxy proxy, Stack stack) {
        // Statements go by their text, so that the proxy knows a COMMIT.
        String url = "jdbc:postgresql://127.0.0.1:" + proxy.port() + "/" + database(stack) + "?prepareThreshold=0";
        return new PostgresConnection(
                url, stack.postgres().user(), stack.postgres().password());
    }

    static int port(Stack stack) {
        return uri(stack).getPort();
    }

    private static String database(Stack stack) {
        return uri(stack).getPath().substring(1);
    }

    private static URI uri(Stack stack) {
        return URI.create(stack.postgres().jdbcUrl().substring("jdbc:".length()));
    }

    /** Conflicts with COPY, not with reading. */
    private static String lock(String table) {
        return "LOCK TABLE " + table + " IN SHARE MODE";
    }

    private static PostgresConnection timeouts(Stack stack, Duration lock, Duration statement) {
        PostgresConnection postgres = stack.postgres();
        return new PostgresConnection(postgres.jdbcUrl(), postgres.user(), postgres.password(), lock, statement, LONG);
    }

    private static void assertStoredOnce(Stack stack) throws SQLException {
        stack.assertStoresFirst(UNITS);
        assertThat(stack.nextOffset()).isEqualTo("1");
        assertThat(stack.query("SELECT * FROM otel.quarantine")).isEmpty();
    }
}
