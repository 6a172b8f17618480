package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.IngestOptions;
import io.ollyscale.jobs.SignalOptions;
import io.ollyscale.jobs.demo.DemoTopic;
import io.ollyscale.jobs.demo.DemoTraffic;
import io.ollyscale.jobs.local.EmbeddedCluster;
import io.ollyscale.jobs.local.LocalStack;
import io.ollyscale.jobs.local.Startup;
import io.ollyscale.jobs.otlp.OtlpEndpoint;
import io.ollyscale.jobs.otlp.OtlpService;
import io.ollyscale.jobs.otlp.OtlpSettings;
import io.ollyscale.schema.otlp.Signal;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.flink.configuration.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** The whole stack in one process. */
@Command(
        name = "local",
        description = {
            "Runs the whole stack in one process: Kafka, PostgreSQL, an OTLP endpoint, the ingest job with Flink's web"
                    + " UI, and a demo that sends the telemetry of a shop.",
            "Everything binds to loopback. Prints a line READY when all of it accepts data; Ctrl-C stops it."
        })
final class LocalCommand implements Callable<Integer> {

    private static final Logger LOG = LoggerFactory.getLogger(LocalCommand.class);
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final int HIGHEST_PORT = 65_535;

    /** The same shop in every run. */
    private static final long DEMO_SEED = 1;

    @Spec
    private CommandSpec spec;

    @ParentCommand
    private Ollyscale ollyscale;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "Keeps the data there; otherwise it is gone when the command ends.")
    private Path dataDirectory;

    @Option(
            names = "--duration",
            paramLabel = "TIME",
            description = {
                "Stops by itself after this time: 60s, 5m, 2h. It then stores what was sent, and compares the rollups with",
                "the spans, as \"audit\" does: exit status 1 where they differ."
            })
    private Duration duration;

    @Option(
            names = "--demo-rate",
            paramLabel = "N",
            defaultValue = "200",
            description = "Spans a second of the demo; logs and metrics follow from them. Default: ${DEFAULT-VALUE}.")
    private double demoRate;

    @Option(names = "--no-demo", description = "Without the demo.")
    private boolean noDemo;

    @Option(
            names = "--parallelism",
            paramLabel = "N",
            defaultValue = "1",
            description = "Subtasks of the job. Default: ${DEFAULT-VALUE}.")
    private int parallelism;

    @Option(
            names = "--otlp-grpc-port",
            paramLabel = "PORT",
            defaultValue = "4317",
            description = "Of the OTLP endpoint for gRPC; 0 for a free one. Default: ${DEFAULT-VALUE}.")
    private int otlpGrpcPort;

    @Option(
            names = "--otlp-http-port",
            paramLabel = "PORT",
            defaultValue = "4318",
            description = "Of the OTLP endpoint for HTTP; 0 for a free one. Default: ${DEFAULT-VALUE}.")
    private int otlpHttpPort;

    @Option(
            names = "--postgres-port",
            paramLabel = "PORT",
            defaultValue = "15432",
            description = "Of PostgreSQL; 0 for a free one. Default: ${DEFAULT-VALUE}.")
    private int postgresPort;

    @Option(
            names = "--kafka-port",
            paramLabel = "PORT",
            defaultValue = "19092",
            description = "Of Kafka; 0 for a free one. Default: ${DEFAULT-VALUE}.")
    private int kafkaPort;

    @Option(
            names = "--ui-port",
            paramLabel = "PORT",
            defaultValue = "8081",
            description = "Of Flink's web UI; 0 for a free one. Default: ${DEFAULT-VALUE}.")
    private int uiPort;

    @Mixin
    private JobOptions jobOptions;

    private boolean demoHasEnded;

    @Override
    public Integer call() throws Exception {
        checkOptions();
        Configuration options = jobOptions.configuration();
        // Those are of servers of one's own.
        options.removeConfig(IngestOptions.POSTGRES_PASSWORD);
        options.removeConfig(IngestOptions.KAFKA_PROPERTIES);
        if (!options.contains(IngestOptions.MAX_BYTES)) {
            options.set(
                    IngestOptions.MAX_BYTES,
                    JobSize.of(options, parallelism)
                            .transactionBytes(Runtime.getRuntime().maxMemory()));
        }
        LoopbackPorts.requireFree(ports());
        Startup startup = new Startup();
        try (ProcessEnd end = new ProcessEnd(startup::callOff)) {
            try {
                return run(options, startup, end);
            } catch (RuntimeException e) {
                if (!end.isWanted()) {
                    throw e;
                }
                // The start was called off, or Ctrl-C reached a program that it was running.
                LOG.info("The start was broken off", e);
                return 0;
            }
        }
    }

    private void checkOptions() {
        ports().forEach((option, port) -> {
            if (port < 0 || port > HIGHEST_PORT) {
                throw new ParameterException(spec.commandLine(), option + " must be from 0 to " + HIGHEST_PORT);
            }
        });
        if (!(demoRate > 0) || Double.isInfinite(demoRate)) {
            throw new ParameterException(spec.commandLine(), "--demo-rate must be more than 0, and finite");
        }
        if (parallelism < 1) {
            throw new ParameterException(spec.commandLine(), "--parallelism must be 1 or more");
        }
        if (duration != null && (duration.isNegative() || duration.isZero())) {
            throw new ParameterException(spec.commandLine(), "--duration must be more than 0");
        }
    }

    private Map<String, Integer> ports() {
        Map<String, Integer> ports = new LinkedHashMap<>();
        ports.put("--postgres-port", postgresPort);
        ports.put("--kafka-port", kafkaPort);
        ports.put("--otlp-grpc-port", otlpGrpcPort);
        ports.put("--otlp-http-port", otlpHttpPort);
        ports.put("--ui-port", uiPort);
        return ports;
    }

    /** What is opened later is closed earlier: whatever was sent is stored. */
    private int run(Configuration options, Startup startup, ProcessEnd end) throws Exception {
        try (StartupProgress progress =
                        new StartupProgress(spec.commandLine().getErr(), startup, Terminal.isPresent());
                ScratchDirectory scratch = ScratchDirectory.create();
                LocalStack stack = LocalStack.start(
                        startup, dataDirectory, postgresPort, kafkaPort, SignalOptions.topics(options));
                EmbeddedCluster cluster = startJob(options, startup, stack, scratch)) {
            try (OtlpEndpoint endpoint = openEndpoint(options, startup, stack);
                    DemoTraffic demo = noDemo ? null : startDemo(options, startup, stack)) {
                progress.end();
                if (ollyscale.isVerbose()) {
                    StartupProgress.table(startup).forEach(this::say);
                }
                LocalModeFile.Connections connections = new LocalModeFile.Connections(
                        stack.postgresUri(),
                        stack.bootstrapServers(),
                        "http://127.0.0.1:" + endpoint.grpcPort(),
                        "http://127.0.0.1:" + endpoint.httpPort(),
                        cluster.ui(),
                        LocalModeFile.signals(options));
                if (!end.isWanted()) {
                    serve(connections, end, () -> watch(cluster, demo));
                }
            }
            return new ClosingAudit(spec.commandLine().getErr(), stack, cluster, end).run(options);
        }
    }

    /** The job is what it is all for; the demo may end. */
    private void watch(EmbeddedCluster cluster, DemoTraffic demo) throws InterruptedException {
        cluster.awaitFailure(LOOK);
        if (demo != null && !demoHasEnded) {
            try {
                demo.check();
            } catch (IllegalStateException e) {
                demoHasEnded = true;
                LOG.warn("The demo ended", e);
                say(e.getMessage() + ". Everything else goes on.");
            }
        }
    }

    private EmbeddedCluster startJob(Configuration options, Startup startup, LocalStack stack, ScratchDirectory scratch)
            throws Exception {
        Startup.Step step = startup.begin("starting Flink and the job");
        options.set(IngestOptions.POSTGRES_URL, stack.postgresUri());
        options.set(IngestOptions.KAFKA, stack.bootstrapServers());
        EmbeddedCluster cluster = EmbeddedCluster.start(options, scratch.path(), uiPort, parallelism);
        step.end();
        return cluster;
    }

    private OtlpEndpoint openEndpoint(Configuration options, Startup startup, LocalStack stack) {
        Startup.Step step = startup.begin("opening the OTLP endpoint");
        OtlpEndpoint endpoint = OtlpEndpoint.start(new OtlpSettings(
                otlpGrpcPort,
                otlpHttpPort,
                stack.bootstrapServers(),
                SignalOptions.enabled(options).stream()
                        .map(signal -> OtlpService.of(signal, options))
                        .toList()));
        step.end();
        return endpoint;
    }

    /** Null where there is nothing that it could send. */
    private DemoTraffic startDemo(Configuration options, Startup startup, LocalStack stack) {
        Map<Signal, DemoTopic> topics = new EnumMap<>(Signal.class);
        for (Signal signal : SignalOptions.enabled(options)) {
            SignalOptions ofSignal = SignalOptions.of(signal);
            topics.put(signal, new DemoTopic(options.get(ofSignal.topic()), options.get(ofSignal.encoding())));
        }
        if (topics.isEmpty()) {
            return null;
        }
        Startup.Step step = startup.begin("starting the demo");
        DemoTraffic demo = DemoTraffic.start(stack.bootstrapServers(), topics, demoRate, DEMO_SEED);
        step.end();
        return demo;
    }

    private void serve(LocalModeFile.Connections connections, ProcessEnd end, ProcessEnd.Watch watch)
            throws InterruptedException {
        LocalModeFile file = LocalModeFile.ofUser();
        file.write(connections);
        try {
            PrintWriter out = spec.commandLine().getOut();
            out.println("READY " + connections.line());
            out.flush();
            sayWhatToTry(connections);
            end.await(watch, duration);
            say("stopping");
        } finally {
            file.delete();
        }
    }

    private void sayWhatToTry(LocalModeFile.Connections connections) {
        say("");
        say("Try next, in another terminal:");
        tryNext("./ollyscale top", "rate, errors and durations by service");
        tryNext("./ollyscale sql @service_overview", "the same in SQL; ./ollyscale sql @ lists more");
        tryNext("OTEL_EXPORTER_OTLP_ENDPOINT=" + connections.otlpHttp(), "lets your own service send what it has");
        tryNext(connections.ui(), "the job in Flink's web UI");
        say("Ctrl-C stops it all.");
    }

    private void tryNext(String what, String why) {
        say(String.format(Locale.ROOT, "  %-50s %s", what, why));
    }

    private void say(String line) {
        spec.commandLine().getErr().println(line);
    }
}
