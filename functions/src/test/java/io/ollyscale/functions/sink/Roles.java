package io.ollyscale.functions.sink;

import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;

/** Users that have the rights that ingest needs and no more: a superuser is refused nothing. */
final class Roles {
    static final String PASSWORD = "ingest";
    private static final AtomicInteger COUNT = new AtomicInteger();

    private Roles() {}

    /** Creates one for a test's database. */
    static String ingest(Stack stack) throws SQLException {
        String role = "ingest_" + COUNT.incrementAndGet();
        stack.execute(
                "CREATE ROLE " + role + " LOGIN PASSWORD '" + PASSWORD + "'",
                "GRANT USAGE ON SCHEMA otel TO " + role,
                "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA otel TO " + role,
                "GRANT USAGE ON ALL SEQUENCES IN SCHEMA otel TO " + role);
        return role;
    }
}
