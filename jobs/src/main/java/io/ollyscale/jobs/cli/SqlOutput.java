package io.ollyscale.jobs.cli;

import java.sql.ResultSet;
import java.sql.SQLException;

/** How the results of statements are shown. */
interface SqlOutput {

    /**
     * Shows a result's rows.
     *
     * @param limit shows at most as many, and says so where there are more; 0 for all
     */
    void rows(ResultSet rows, int limit) throws SQLException;

    /** Shows that a statement without a result is done. */
    void done(long rowsChanged);

    /** Shows what the server wants to have said, such as a NOTICE. */
    void notice(String message);
}
