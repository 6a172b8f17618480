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
        if (!Files.isRegularFile(confDirectory.resolve("config.yaml"))) {
            throw new UserFailure("There is no " + confDirectory.resolve("config.yaml")
                    + ": name the directory with --conf-dir or OLLYSCALE_CONF_DIR");
        }
        Configuration configuration = GlobalConfiguration.loadConfiguration(confDirectory.toString());
        if (!configuration.contains(IngestOptions.POLICY_DIRECTORY)) {
            configuration.set(IngestOptions.POLICY_DIRECTORY, confDirectory.toString());
        }
        OptionSources.addEnvironment(configuration, System.getenv());
        options.forEach(configuration::setString);
        return configuration;
    }
}
