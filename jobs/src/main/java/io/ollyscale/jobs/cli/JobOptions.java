package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.IngestOptions;
import io.ollyscale.jobs.OptionSources;
import io.ollyscale.jobs.UserFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import picocli.CommandLine.Option;

/** Options of the job and of Flink: {@code config.yaml}, then the environment, then {@code -D}; the last one counts. */
final class JobOptions {

    private static final String FILE = "config.yaml";

    @Option(
            names = "--conf-dir",
            paramLabel = "DIR",
            description = "Directory of config.yaml and of the attribute policy. Default: ${DEFAULT-VALUE}.",
            defaultValue = "${OLLYSCALE_CONF_DIR:-flink-conf}")
    private Path confDirectory;

    @Option(
            names = "-D",
            paramLabel = "OPTION=VALUE",
            description = "Sets an option of the job (ollyscale.…) or of Flink. May be repeated.")
    private Map<String, String> options = new LinkedHashMap<>();

    Configuration configuration() {
        if (!Files.isRegularFile(confDirectory.resolve(FILE))) {
            throw new UserFailure("There is no " + confDirectory.resolve(FILE)
                    + ": name the directory with --conf-dir or OLLYSCALE_CONF_DIR");
        }
        Configuration configuration = load(confDirectory, System.getenv());
        if (!configuration.contains(IngestOptions.POLICY_DIRECTORY)) {
            configuration.set(IngestOptions.POLICY_DIRECTORY, confDirectory.toString());
        }
        options.forEach(configuration::setString);
        return configuration;
    }

    /** Without a command line: of the environment, and of {@code config.yaml} where there is one. */
    static Configuration ofEnvironment(Map<String, String> environment) {
        return load(Path.of(environment.getOrDefault("OLLYSCALE_CONF_DIR", "flink-conf")), environment);
    }

    private static Configuration load(Path directory, Map<String, String> environment) {
        Configuration configuration = Files.isRegularFile(directory.resolve(FILE))
                ? GlobalConfiguration.loadConfiguration(directory.toString())
                : new Configuration();
        OptionSources.addEnvironment(configuration, environment);
        return configuration;
    }
}
