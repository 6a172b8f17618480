package io.ollyscale.faults.postgres;

import io.ollyscale.functions.maintenance.PartitionMaintenance;
import io.ollyscale.functions.postgres.PostgresConnection;
import io.ollyscale.local.LocalPostgres;
import io.ollyscale.sql.Migrations;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.ds.PGSimpleDataSource;

/** A database that is migrated once for each server: copying it is quicker than migrating again. */
final class StoreTemplate {

    private static final String NAME = "ollyscale_template";
    private static final Duration AHEAD = Duration.ofHours(6);
    private static final Duration WIDTH = Duration.ofDays(1);

    private final LocalPostgres postgres;
    private final String owner;
    private final String password;

    /**
     * @param owner a role without special rights, which owns the copies and all that is in them
     * @param password the owner's
     */
    StoreTemplate(LocalPostgres postgres, String owner, String password) {
        this.postgres = postgres;
        this.owner = owner;
        this.password = password;
    }

    /** @param maintenance a superuser's session with another database */
    void copyTo(Connection maintenance, String name) throws SQLException {
        try (Statement statement = maintenance.createStatement()) {
            if (!exists(maintenance)) {
                create(statement);
            }
            statement.execute("CREATE DATABASE " + name + " TEMPLATE " + NAME + " OWNER " + owner);
            // What migrations set for their database isn't copied.
            for (String setting : settings(maintenance)) {
                statement.execute("ALTER DATABASE " + name + " SET " + setting);
            }
        }
        // The template may be of yesterday.
        PartitionMaintenance.ensure(connection(name), AHEAD, WIDTH);
    }

    private void create(Statement statement) throws SQLException {
        // What a fault has interrupted.
        statement.execute("DROP DATABASE IF EXISTS " + NAME + " WITH (FORCE)");
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(postgres.createDatabase(NAME));
        dataSource.setUser(owner);
        dataSource.setPassword(password);
        statement.execute("ALTER DATABASE " + NAME + " OWNER TO " + owner);
        Migrations.migrate(dataSource);
        PartitionMaintenance.ensure(connection(NAME), AHEAD, WIDTH);
        // Nobody may be connected to a database that is copied.
        statement.execute("ALTER DATABASE " + NAME + " WITH IS_TEMPLATE true ALLOW_CONNECTIONS false");
    }

    private PostgresConnection connection(String database) {
        return new PostgresConnection(
                "jdbc:postgresql://127.0.0.1:" + postgres.port() + "/" + database, owner, password);
    }

    /** Whether it is complete. */
    private static boolean exists(Connection maintenance) throws SQLException {
        try (PreparedStatement query =
                maintenance.prepareStatement("SELECT FROM pg_database WHERE datname = ? AND datistemplate")) {
            query.setString(1, NAME);
            return query.executeQuery().next();
        }
    }

    private static List<String> settings(Connection maintenance) throws SQLException {
        try (PreparedStatement query = maintenance.prepareStatement(
                "SELECT unnest(s.setconfig) FROM pg_db_role_setting AS s JOIN pg_database AS d ON d.oid = s.setdatabase"
                        + " WHERE d.datname = ? AND s.setrole = 0")) {
            query.setString(1, NAME);
            List<String> settings = new ArrayList<>();
            try (ResultSet result = query.executeQuery()) {
                while (result.next()) {
                    settings.add(result.getString(1));
                }
            }
            return settings;
        }
    }
}
