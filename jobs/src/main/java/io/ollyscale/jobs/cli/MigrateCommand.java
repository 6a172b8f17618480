package io.ollyscale.jobs.cli;

import io.ollyscale.functions.maintenance.RollupMaintenance;
import io.ollyscale.functions.policy.PolicyRegistry;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.policy.PolicyException;
import io.ollyscale.schema.policy.PolicyFiles;
import io.ollyscale.sql.Migrations;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.Callable;
import org.postgresql.ds.PGSimpleDataSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Creates or upgrades the schema. */
@Command(name = "migrate", description = "Creates the schema, or upgrades it, and registers the attribute policy.")
final class MigrateCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connections;

    @Option(
            names = "--policy-dir",
            paramLabel = "DIR",
            defaultValue = "${OLLYSCALE_CONF_DIR:-flink-conf}",
            description = "Where promoted-keys.yaml and dropped-keys.yaml are. Default: ${DEFAULT-VALUE}.")
    private Path policyDirectory;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Override
    public Integer call() throws SQLException, PolicyException {
        AttributePolicy policy = PolicyFiles.read(policyDirectory);
        PGSimpleDataSource dataSource = connections.dataSource();
        int applied;
        // Flyway would say the same in several lines.
        try (Connection connection = dataSource.getConnection()) {
            applied = Migrations.migrate(dataSource);
            RollupMaintenance.adopt(connection);
            PolicyRegistry.register(connection, policy);
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Json.print(out, Map.of("applied", applied));
        } else if (applied == 0) {
            out.println("The schema is up to date");
        } else {
            out.println("The schema is up to date, after " + applied + (applied == 1 ? " migration" : " migrations"));
        }
        return 0;
    }
}
