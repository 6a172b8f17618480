package io.ollyscale.functions.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.ollyscale.functions.failure.StopForGood;
import io.ollyscale.functions.postgres.PostgresConnection;
import io.ollyscale.schema.otlp.Signal;
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
                mistake(
                        Signal.TRACES,
                        "23505, a unique index that shouldn't be there",
                        uniqueIndex("spans_fact", "kind")),
                mistake(
                        Signal.LOGS,
                        "23505, a unique index that shouldn't be there",
                        uniqueIndex("logs_fact", "flags")),
                mistake(
                        Signal.METRICS,
                        "23505, a unique index that shouldn't be there",
                        uniqueIndex("histogram_data_points", "bucket_counts[4]")),
                mistake(Signal.TRACES, "23514, no partition", noPartition("span_events")),
                mistake(Signal.LOGS, "23514, no partition", noPartition("log_attrs_int")),
                mistake(Signal.METRICS, "23514, no partition", noPartition("summary_quantiles")),
                mistake(
                        Signal.TRACES,
                        "23514, a check that fails",
                        "ALTER TABLE otel.spans_fact ADD CONSTRAINT brief CHECK (duration_ns < 5) NOT VALID"),
                mistake(
                        Signal.LOGS,
                        "23514, a check that fails",
                        "ALTER TABLE otel.logs_fact ADD CONSTRAINT mute CHECK (body_str IS NULL) NOT VALID"),
                mistake(
                        Signal.METRICS,
                        "23514, a check that fails",
                        "ALTER TABLE otel.exemplars ADD CONSTRAINT none CHECK (false) NOT VALID"),
                mistake(Signal.TRACES, "42P01, no table", "ALTER TABLE otel.span_attrs_int RENAME TO elsewhere"),
                mistake(Signal.LOGS, "42P01, no table", "ALTER TABLE otel.log_attrs_double RENAME TO elsewhere"),
                mistake(
                        Signal.METRICS,
                        "42P01, no table",
                        "ALTER TABLE otel.exemplar_attrs_string RENAME TO elsewhere"),
                mistake(Signal.TRACES, "42703, no column", "ALTER TABLE otel.spans_fact RENAME COLUMN kind TO sort"),
                mistake(Signal.LOGS, "42703, no column", "ALTER TABLE otel.logs_fact RENAME COLUMN body_json TO body"),
                mistake(
                        Signal.METRICS,
                        "42703, no column",
                        "ALTER TABLE otel.exp_histogram_data_points RENAME COLUMN scale TO size"),
                mistake(
                        Signal.TRACES,
                        "42501, no right to COPY",
                        "REVOKE INSERT ON otel.span_attrs_string FROM " + ROLE),
                mistake(Signal.LOGS, "42501, no right to COPY", "REVOKE INSERT ON otel.logs_fact FROM " + ROLE),
                mistake(Signal.METRICS, "42501, no right to COPY", "REVOKE INSERT ON otel.exemplars FROM " + ROLE),
                mistake(
                        Signal.TRACES,
                        "42883, a column of another type",
                        "DROP FUNCTION otel.uncovered_offsets; ALTER TABLE otel.ingest_ledger ALTER COLUMN next_offset TYPE text"),
                mistake(
                        Signal.TRACES,
                        "42501, no right to move the ledger",
                        "REVOKE UPDATE ON otel.ingest_ledger FROM " + ROLE),
                mistake(Signal.TRACES, "42P01, no schema", "ALTER SCHEMA otel RENAME TO elsewhere"));
    }

    private static Arguments mistake(Signal signal, String name, String sql) {
        return argumentSet(signal + ", " + name, signal, name.substring(0, 5), sql);
    }

    private static String uniqueIndex(String table, String column) {
        return """
                DO $$ BEGIN EXECUTE (SELECT string_agg(format('CREATE UNIQUE INDEX ON otel.%%I ((%s))', partition_name), ';')
                    FROM otel.partitions WHERE table_name = '%s'); END $$""".formatted(column, table);
    }

    private static String noPartition(String table) {
        return """
                DO $$ BEGIN EXECUTE (SELECT string_agg(format('DROP TABLE otel.%%I', partition_name), ';')
                    FROM otel.partitions WHERE table_name = '%s'); END $$""".formatted(table);
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void stopsForGood(Signal signal, String sqlState, String mistake, Stack servers) throws Exception {
        Stack stack = servers.of(signal);
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
        assertThat(stack.value("SELECT count(*) FROM " + stack.table())).isEqualTo("0");
    }
}
