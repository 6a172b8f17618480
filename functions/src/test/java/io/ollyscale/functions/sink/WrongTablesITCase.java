package io.ollyscale.functions.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.ollyscale.functions.failure.StopForGood;
import io.ollyscale.functions.postgres.PostgresConnection;
import java.sql.SQLException;
import java.util.stream.Stream;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Errors of our own tables and statements: the job stops, and no record is blamed. */
@ExtendWith(Servers.class)
class WrongTablesITCase {
    private static final String ROLE = "$role";

    static Stream<Arguments> mistakes() {
        return Stream.of(
                argumentSet(
                        "23505, a unique index that shouldn't be there",
                        "23505",
                        "DO $$ BEGIN EXECUTE (SELECT string_agg(format('CREATE UNIQUE INDEX ON otel.%I (kind)',"
                                + " partition_name), ';') FROM otel.partitions WHERE table_name = 'spans_fact'); END $$"),
                argumentSet(
                        "23514, no partition",
                        "23514",
                        "DO $$ BEGIN EXECUTE (SELECT string_agg(format('DROP TABLE otel.%I',"
                                + " partition_name), ';') FROM otel.partitions WHERE table_name = 'span_events'); END $$"),
                argumentSet(
                        "23514, a check that fails",
                        "23514",
                        "ALTER TABLE otel.spans_fact ADD CONSTRAINT brief CHECK (duration_ns < 5) NOT VALID"),
                argumentSet("42P01, no table", "42P01", "ALTER TABLE otel.span_attrs_int RENAME TO elsewhere"),
                argumentSet("42703, no column", "42703", "ALTER TABLE otel.spans_fact RENAME COLUMN kind TO sort"),
                argumentSet(
                        "42883, a column of another type",
                        "42883",
                        "ALTER TABLE otel.ingest_ledger ALTER COLUMN next_offset TYPE text"),
                argumentSet("42501, no right to COPY", "42501", "REVOKE INSERT ON otel.span_attrs_string FROM " + ROLE),
                argumentSet(
                        "42501, no right to move the ledger",
                        "42501",
                        "REVOKE UPDATE ON otel.ingest_ledger FROM " + ROLE),
                argumentSet("42P01, no schema", "42P01", "ALTER SCHEMA otel RENAME TO elsewhere"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void stopsForGood(String sqlState, String mistake, Stack stack) throws Exception {
        String role = Roles.ingest(stack);
        Writer writer = stack.writer()
                .postgres(new PostgresConnection(stack.postgres().jdbcUrl(), role, Roles.PASSWORD))
                .open();
        writer.store(stack.batch(0, 0));
        String ledgerBefore = stack.value("TABLE otel.ingest_ledger");
        stack.execute(mistake.replace(ROLE, role));

        SuppressRestartsException stop = catchThrowableOfType(
                SuppressRestartsException.class, () -> writer.store(stack.batch(1, 25), stack.batch(2, 25)));

        assertThat(stop).isNotNull();
        assertThat(stop.getCause())
                .isInstanceOf(StopForGood.class)
                .hasMessageContaining("SQLSTATE " + sqlState)
                .hasMessageContaining("ollyscale migrate")
                .hasMessageContaining("rights");
        assertThat(stop.getCause().getCause()).isInstanceOf(SQLException.class);
        assertThat(writer.metrics().retries.getCount()).isZero();
        stack.execute("DO $$ BEGIN IF to_regnamespace('elsewhere') IS NOT NULL THEN"
                + " ALTER SCHEMA elsewhere RENAME TO otel; END IF; END $$");
        assertThat(stack.value("TABLE otel.ingest_ledger")).isEqualTo(ledgerBefore);
        assertThat(stack.query("SELECT * FROM otel.quarantine")).isEmpty();
        assertThat(stack.value("SELECT count(*) FROM otel.spans_fact")).isEqualTo("0");
    }
}
