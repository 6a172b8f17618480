package io.ollyscale.functions.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.ollyscale.functions.postgres.SqlErrorKind;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqlErrorKindTest {

    @ParameterizedTest
    @CsvSource({
        // Values
        "22001, DATA",
        "22008, DATA",
        "22021, DATA",
        "22P05, DATA",
        "23502, DATA",
        "54000, DATA",
        "54001, DATA",
        // Tables, statements, rights
        "23505, OURS",
        "23514, OURS",
        "23503, OURS",
        "42P01, OURS",
        "42703, OURS",
        "42501, OURS",
        "42601, OURS",
        "3F000, OURS",
        "0A000, OURS",
        // The server's state
        "08006, PASSING",
        "40001, PASSING",
        "40P01, PASSING",
        "53100, PASSING",
        "53300, PASSING",
        "55P03, PASSING",
        "57014, PASSING",
        "57P01, PASSING",
        "57P03, PASSING",
        "25006, PASSING",
        "25P03, PASSING",
        "28P01, PASSING",
        "58030, PASSING",
        "XX000, PASSING"
    })
    void tellsWhoIsToBlame(String sqlState, SqlErrorKind kind) {
        assertThat(SqlErrorKind.of(new SQLException("message", sqlState))).isEqualTo(kind);
    }

    @Test
    void blamesNobodyWithoutSqlState() {
        assertThat(SqlErrorKind.of(new SQLException("message"))).isEqualTo(SqlErrorKind.PASSING);
        assertThat(SqlErrorKind.of(new SQLException("message", "22"))).isEqualTo(SqlErrorKind.PASSING);
    }

    @ParameterizedTest
    @ValueSource(strings = {"08000", "08003", "08006", "57P01", "57P02", "57P03", "57P05", "25P03"})
    void knowsThatTheSessionIsGone(String sqlState) {
        assertThat(SqlErrorKind.isConnectionLost(new SQLException("message", sqlState)))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"40001", "40P01", "55P03", "57014", "23505", "53300"})
    void knowsThatTheSessionHasAnswered(String sqlState) {
        assertThat(SqlErrorKind.isConnectionLost(new SQLException("message", sqlState)))
                .isFalse();
    }

    /** As a server does that goes down over a full disk, in the middle of a COMMIT. */
    @Test
    void knowsThatTheSessionIsGoneThoughTheServerSaidWhyBefore() {
        SQLException full = new SQLException("could not write to file", "53100");
        full.setNextException(new SQLException("the connection was closed", "08006"));
        assertThat(SqlErrorKind.isConnectionLost(full)).isTrue();
    }
}
