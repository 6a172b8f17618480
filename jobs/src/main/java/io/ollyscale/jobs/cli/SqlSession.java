package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.UserFailure;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.List;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.NativeQuery;
import org.postgresql.core.Parser;
import org.postgresql.core.SqlCommandType;
import org.postgresql.core.TransactionState;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Runs statements one by one, each in a transaction of its own unless they say otherwise. Not for several threads. */
final class SqlSession {

    private final Connection connection;
    private final SqlOutput output;
    private final int limit;

    /** @param limit shows at most as many rows of each result; 0 for all */
    SqlSession(Connection connection, SqlOutput output, int limit) {
        this.connection = connection;
        this.output = output;
        this.limit = limit;
    }

    /**
     * Runs the statements of a text, separated by semicolons.
     *
     * @throws UserFailure if the server refuses one; those before it stay done
     */
    void run(String text) throws SQLException {
        List<NativeQuery> statements = Parser.parseJdbcSql(text, true, false, true, false, true);
        if (statements.isEmpty()) {
            throw new UserFailure("There is no statement in it");
        }
        for (int i = 0; i < statements.size(); i++) {
            NativeQuery statement = statements.get(i);
            try {
                run(statement);
            } catch (SQLException e) {
                if (String.valueOf(e.getMessage()).contains("maxResultBuffer")) {
                    throw new UserFailure("The rows don't fit into memory: select fewer columns, or raise the heap", e);
                }
                if (!isRefusal(e)) {
                    throw e;
                }
                String which = statements.size() == 1 ? "" : "statement " + (i + 1) + ": ";
                throw new UserFailure(which + refusal(e, statement.nativeSql), e);
            }
        }
    }

    /** A query reads through a cursor, which needs a transaction; CALL, VACUUM and their like must not be in one. */
    private void run(NativeQuery sql) throws SQLException {
        BaseConnection server = connection.unwrap(BaseConnection.class);
        boolean own = server.getTransactionState() == TransactionState.IDLE;
        if (own) {
            connection.setAutoCommit(!isQuery(sql));
        }
        try (Statement statement = connection.createStatement()) {
            // Braces and question marks are JSON's and its operators'.
            statement.setEscapeProcessing(false);
            statement.setMaxRows(limit == 0 ? 0 : limit + 1);
            execute(statement, sql.nativeSql);
        }
        if (own && !connection.getAutoCommit()) {
            connection.commit();
        }
    }

    private void execute(Statement statement, String sql) throws SQLException {
        Thread onInterrupt = ShutdownHooks.add(() -> cancel(statement));
        try {
            boolean hasRows = statement.execute(sql);
            for (SQLWarning notice = statement.getWarnings(); notice != null; notice = notice.getNextWarning()) {
                output.notice(notice.getMessage());
            }
            if (hasRows) {
                output.rows(statement.getResultSet(), limit);
            } else {
                output.done(Math.max(0, statement.getLargeUpdateCount()));
            }
        } finally {
            ShutdownHooks.remove(onInterrupt);
        }
    }

    /** The server would go on with a query that nobody waits for. */
    private static void cancel(Statement statement) {
        try {
            statement.cancel();
        } catch (SQLException e) {
            System.err.println("The statement may still run on the server: " + e.getMessage());
        }
    }

    private static boolean isQuery(NativeQuery sql) {
        SqlCommandType type = sql.getCommand() == null
                ? SqlCommandType.BLANK
                : sql.getCommand().getType();
        return type == SqlCommandType.SELECT || type == SqlCommandType.WITH;
    }

    private static boolean isRefusal(SQLException e) {
        return e instanceof PSQLException postgres && postgres.getServerErrorMessage() != null && !isOfSession(e);
    }

    private static boolean isOfSession(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return state.startsWith("08") || state.startsWith("57P") || state.equals("42501");
    }

    private static String refusal(SQLException e, String sql) {
        ServerErrorMessage error = ((PSQLException) e).getServerErrorMessage();
        StringBuilder line = new StringBuilder(String.valueOf(error.getMessage()));
        if (error.getPosition() > 0) {
            line.append(" at ").append(place(sql, error.getPosition()));
        }
        line.append(" (SQLSTATE ").append(e.getSQLState()).append(')');
        if (error.getHint() != null) {
            line.append(". ").append(error.getHint());
        }
        return line.toString();
    }

    /** @param position in characters, from 1 */
    private static String place(String sql, int position) {
        String before = sql.substring(0, sql.offsetByCodePoints(0, position - 1));
        long line = before.chars().filter(c -> c == '\n').count() + 1;
        int column = before.codePointCount(before.lastIndexOf('\n') + 1, before.length()) + 1;
        return "line " + line + ", column " + column;
    }
}
