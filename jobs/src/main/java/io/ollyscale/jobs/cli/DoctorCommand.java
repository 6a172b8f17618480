package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.IngestOptions;
import io.ollyscale.jobs.SignalOptions;
import io.ollyscale.jobs.cli.doctor.Checks;
import io.ollyscale.jobs.cli.doctor.Examination;
import io.ollyscale.jobs.cli.doctor.Finding;
import io.ollyscale.jobs.cli.doctor.KafkaChecks;
import io.ollyscale.jobs.cli.doctor.Level;
import io.ollyscale.jobs.cli.doctor.PolicyChecks;
import io.ollyscale.jobs.cli.doctor.PostgresChecks;
import io.ollyscale.jobs.cli.doctor.SignalTopic;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.flink.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says whether ingest can work here, and what to do where it can't. */
@Command(
        name = "doctor",
        description = {
            "Checks Kafka, PostgreSQL, the schema and the attribute policy as ingest with the same options would use them:"
                    + " one line each, with what to do. Changes nothing.",
            "Exit status 1: something failed. What is skipped can't be known before that is mended."
        })
final class DoctorCommand implements Callable<Integer> {

    /** Of a check; longer than the servers' clients wait. */
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connections;

    @Mixin
    private JobOptions jobOptions;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            defaultValue = "1",
            description = "Of the job that is to run. Default: ${DEFAULT-VALUE}.")
    private int parallelism;

    @Option(names = "--json", description = "Print the findings as JSON.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        Configuration configured = jobOptions.configuration();
        connections.use(configured);
        Configuration options = ofRunningJob(configured);
        JobSize size = JobSize.of(options, parallelism);
        List<Checks> checks = List.of(
                new PolicyChecks(Path.of(options.get(IngestOptions.POLICY_DIRECTORY))),
                new KafkaChecks(
                        connections::kafkaProperties, options.get(IngestOptions.KAFKA_GROUP), topics(options, size)),
                new PostgresChecks(
                        connections::dataSource, () -> connections.postgres().toString(), size));
        int width = width(checks);
        List<Finding> findings = new ArrayList<>();
        PrintWriter out = spec.commandLine().getOut();
        new Examination(LIMIT).run(checks, finding -> {
            findings.add(finding);
            if (!json) {
                print(out, finding, width);
            }
        });
        if (json) {
            printJson(out, findings);
        }
        return findings.stream().anyMatch(finding -> finding.verdict().level() == Level.FAILED) ? 1 : 0;
    }

    /** A running local mode was started with options of its own; those of this command line win all the same. */
    private Configuration ofRunningJob(Configuration configured) {
        Configuration options = LocalModeFile.ofUser().signalOptions(connections::kafka, configured);
        Map<String, String> named = spec.commandLine().getParseResult().matchedOptionValue("-D", Map.of());
        named.forEach(options::setString);
        return options;
    }

    private static List<SignalTopic> topics(Configuration options, JobSize size) {
        return SignalOptions.enabled(options).stream()
                .map(signal -> new SignalTopic(
                        signal,
                        options.get(SignalOptions.of(signal).topic()),
                        options.get(SignalOptions.of(signal).encoding()),
                        size.subtasks().get(signal)))
                .toList();
    }

    private static int width(List<Checks> checks) {
        return checks.stream()
                .flatMap(server -> server.all().stream())
                .mapToInt(check -> check.subject().length())
                .max()
                .orElseThrow();
    }

    private static void print(PrintWriter out, Finding finding, int width) {
        out.printf(
                "%-8s %-" + width + "s %s%n",
                finding.verdict().level(),
                finding.subject(),
                finding.verdict().text());
        out.flush();
    }

    private static void printJson(PrintWriter out, List<Finding> findings) {
        List<Map<String, String>> checks = findings.stream()
                .map(finding -> {
                    Map<String, String> check = new LinkedHashMap<>();
                    check.put("subject", finding.subject());
                    check.put("level", finding.verdict().level().toString());
                    check.put("text", finding.verdict().text());
                    return check;
                })
                .toList();
        Json.print(out, Map.of("checks", checks));
    }
}
