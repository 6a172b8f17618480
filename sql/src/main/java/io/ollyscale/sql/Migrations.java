package io.ollyscale.sql;

import java.sql.Connection;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationState;

/** Brings a database to the schema of this build, or says in which way it differs. */
public final class Migrations {

    private static final String SCHEMA = "otel";

    private static final Set<MigrationState> TO_DO =
            EnumSet.of(MigrationState.PENDING, MigrationState.IGNORED, MigrationState.OUTDATED);

    private static final Set<MigrationState> UNKNOWN_HERE = EnumSet.of(
            MigrationState.FUTURE_SUCCESS,
            MigrationState.FUTURE_FAILED,
            MigrationState.MISSING_SUCCESS,
            MigrationState.MISSING_FAILED);

    private Migrations() {}

    /**
     * Creates or upgrades the schema. Does nothing where it is up to date; several processes may call it at once.
     *
     * @param dataSource of a user who may create the schema; the owner of the database, so that its settings are made too
     * @return how many migrations were applied
     * @throws SchemaVersionException if the schema is newer than this build
     * @throws org.flywaydb.core.api.FlywayException if the database is out of reach or a migration fails; it names the
     *     file and the statement, and what the failing file did is rolled back
     */
    public static int migrate(DataSource dataSource) {
        Flyway flyway = flyway(dataSource);
        requireNothingNewer(flyway.info());
        return flyway.migrate().migrationsExecuted;
    }

    /**
     * Checks that the schema is the one of this build, without changing anything.
     *
     * @param connection left open, with its settings as they were
     * @throws SchemaVersionException if the schema is missing, older or newer
     * @throws org.flywaydb.core.api.FlywayException if the database can't be read
     */
    public static void verify(Connection connection) {
        MigrationInfoService info = flyway(new BorrowedConnection(connection)).info();
        if (info.applied().length == 0) {
            throw new SchemaVersionException(
                    "The database has no schema " + SCHEMA + " of Ollyscale: run ollyscale migrate");
        }
        requireNothingNewer(info);
        String missing = Arrays.stream(info.all())
                .filter(migration -> TO_DO.contains(migration.getState()))
                .map(MigrationInfo::getScript)
                .collect(Collectors.joining(", "));
        if (!missing.isEmpty()) {
            throw new SchemaVersionException(
                    "The schema is older than this build, it lacks " + missing + ": run ollyscale migrate");
        }
    }

    private static void requireNothingNewer(MigrationInfoService info) {
        Optional<MigrationInfo> newer = Arrays.stream(info.all())
                .filter(migration -> UNKNOWN_HERE.contains(migration.getState()))
                .findFirst();
        if (newer.isPresent()) {
            throw new SchemaVersionException("This build is older than the schema, which has "
                    + newer.get().getScript() + ": use the build that made it, or a later one");
        }
    }

    private static Flyway flyway(DataSource dataSource) {
        return Flyway.configure()
                .dataSource(dataSource)
                .locations("classpath:db/migration")
                .defaultSchema(SCHEMA)
                .placeholderReplacement(false)
                // The application's own logging decides, instead of the first that Flyway finds.
                .loggers("slf4j")
                .load();
    }
}
