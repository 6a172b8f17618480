package io.ollyscale.functions.failure;

import io.ollyscale.functions.postgres.SqlErrorKind;
import java.io.IOException;
import java.sql.SQLException;

/** What becomes of a task when PostgreSQL's error can't be dealt with in place. */
public final class PostgresFailure {
    private PostgresFailure() {}

    /**
     * The exception that restarts the job.
     *
     * @throws org.apache.flink.runtime.execution.SuppressRestartsException if our tables or statements are wrong, which no
     *     restart mends
     */
    public static IOException of(SQLException e) {
        if (SqlErrorKind.of(e) == SqlErrorKind.OURS) {
            throw StopForGood.because(
                    "PostgreSQL says that our tables or statements are wrong (SQLSTATE " + e.getSQLState() + "): "
                            + e.getMessage() + ". No record is to blame and none was quarantined. Check the schema"
                            + " (ollyscale migrate) and the rights of the user, then start again.",
                    e);
        }
        return new IOException("PostgreSQL: " + e.getMessage() + " (SQLSTATE " + e.getSQLState() + ")", e);
    }
}
