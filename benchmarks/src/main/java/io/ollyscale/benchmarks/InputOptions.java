package io.ollyscale.benchmarks;

import io.ollyscale.jobs.IngestOptions;
import io.ollyscale.jobs.UserFailure;
import io.ollyscale.jobs.cli.recording.Recording;
import io.ollyscale.jobs.cli.recording.SignalGuess;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.policy.PolicyException;
import io.ollyscale.schema.policy.PolicyFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import picocli.CommandLine.Option;

/** Options about what is stored, which all measurements have. */
final class InputOptions {

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this.")
    private boolean help;

    @Option(
            names = "--units",
            paramLabel = "N",
            description = "Spans, log records or data points stored each time, at least; up to 1 kB of memory each."
                    + " Default: 1000000, and of points, which are small and quick, 4000000.")
    private Long units;

    @Option(
            names = "--units-per-record",
            paramLabel = "N",
            defaultValue = "500",
            description =
                    "Of a Kafka record. Generated points are of 20 times as many series. Default: ${DEFAULT-VALUE}.")
    private int unitsPerRecord;

    @Option(
            names = "--operations",
            paramLabel = "N",
            defaultValue = "0",
            description = "Of generated spans: how many operations they are of, of five services."
                    + " Default: 24 of each service, as it comes.")
    private int operations;

    @Option(
            names = "--recording",
            paramLabel = "FILE",
            description =
                    "Protobuf records of one signal to use, as ./ollyscale load takes them; cut between resources into"
                            + " records, with times shifted to now, and repeated. Default: generated ones.")
    private Path recording;

    @Option(
            names = "--conf-dir",
            paramLabel = "DIR",
            defaultValue = "${OLLYSCALE_CONF_DIR:-flink-conf}",
            description = "Directory of config.yaml and of the attribute policy. Default: ${DEFAULT-VALUE}.")
    private Path confDirectory;

    @Option(
            names = "-D",
            paramLabel = "OPTION=VALUE",
            description = "Sets an option of the job (ollyscale.…) or of Flink. May be repeated.")
    private Map<String, String> options = new LinkedHashMap<>();

    @Option(
            names = "--postgres-setting",
            paramLabel = "NAME=VALUE",
            description = "Sets a parameter of the PostgreSQL server. May be repeated.")
    private Map<String, String> postgresSettings = new LinkedHashMap<>();

    long units(Signal signal) {
        if (units != null) {
            return units;
        }
        return signal == Signal.METRICS ? 4_000_000 : 1_000_000;
    }

    int operations() {
        return operations;
    }

    Map<String, String> postgresSettings() {
        return postgresSettings;
    }

    /** What is wrong with them. */
    Optional<String> problem() {
        return unitsPerRecord < 1 ? Optional.of("--units-per-record must be 1 or more") : Optional.empty();
    }

    /** The recording's signal; empty where there is no recording. */
    Optional<Signal> recordedSignal() {
        if (recording == null) {
            return Optional.empty();
        }
        try (Recording records = Recording.open(recording, null)) {
            byte[] first = records.next().orElseThrow(() -> new UserFailure(recording + " holds no record"));
            return Optional.of(SignalGuess.of(first, RecordEncoding.OTLP_PROTO)
                    .orElseThrow(() -> new UserFailure(recording + " doesn't say which signal it is of")));
        } catch (IOException e) {
            throw new UserFailure(recording + " holds no protobuf records: " + e.getMessage(), e);
        }
    }

    /** Records of a signal, without end. */
    Supplier<byte[]> source(Signal signal, Clock clock) {
        if (recording != null) {
            return new Recorded(recording, signal, unitsPerRecord);
        }
        return switch (signal) {
            case TRACES -> new GeneratedTraces(unitsPerRecord, clock, operations);
            case LOGS -> new GeneratedLogs(unitsPerRecord, clock);
            case METRICS -> new GeneratedMetrics(unitsPerRecord, clock);
        };
    }

    /** The same in words. */
    String describe(Signal signal) {
        return recording == null
                ? "Generated " + signal
                : recording.getFileName().toString();
    }

    /** The options of the job and of Flink. */
    Configuration configuration() {
        if (!Files.isRegularFile(confDirectory.resolve("config.yaml"))) {
            throw new UserFailure("There is no " + confDirectory.resolve("config.yaml")
                    + ": name the directory with --conf-dir or OLLYSCALE_CONF_DIR");
        }
        Configuration configuration = GlobalConfiguration.loadConfiguration(confDirectory.toString());
        configuration.set(IngestOptions.POLICY_DIRECTORY, confDirectory.toString());
        options.forEach(configuration::setString);
        return configuration;
    }

    AttributePolicy policy() throws PolicyException {
        return PolicyFiles.read(confDirectory);
    }
}
