package io.ollyscale.jobs.cli;

import io.ollyscale.jobs.UserFailure;
import io.ollyscale.jobs.cli.recording.Recording;
import io.ollyscale.jobs.cli.recording.RecordingFormat;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.Signal;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.LongUnaryOperator;
import java.util.stream.Collectors;
import org.apache.kafka.clients.CommonClientConfigs;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Publishes recordings of OTLP to Kafka. */
@Command(
        name = "load",
        description = {
            "Publishes recordings of OTLP to Kafka.",
            "",
            "A recording is framed protobuf (each message behind its length as a big-endian u32), a single protobuf"
                    + " message, or OTLP/JSON documents; plain, gzip or zstd. The content says which, not the name."
                    + " What \"ollyscale export\" writes is one, too.",
            "Records are published as protobuf, or as JSON for a topic of otlp_json, whatever the recording is."
        })
final class LoadCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConnectionOptions connections;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "Recordings, published in this order.")
    private List<Path> files;

    @Option(
            names = "--topic",
            paramLabel = "TOPIC",
            description = "Default: the one that the job reads the signal from (ollyscale.<signal>.topic).")
    private String topic;

    @Option(
            names = "--signal",
            paramLabel = "SIGNAL",
            description = "${COMPLETION-CANDIDATES}. Default: guessed from each file's first record.")
    private Signal signal;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES}. Default: told by each file's first bytes.")
    private RecordingFormat format;

    @Option(
            names = "--encoding",
            paramLabel = "ENCODING",
            description = {
                "Of the topic's records: ${COMPLETION-CANDIDATES}. Default: the one that the job expects of the signal"
                        + " (ollyscale.<signal>.encoding).",
                "Both options are those of a running local mode for its Kafka, else of the environment or config.yaml."
            })
    private RecordEncoding encoding;

    @Option(names = "--repeat", paramLabel = "N", defaultValue = "1", description = "Publish everything N times.")
    private int repeat;

    @Option(
            names = "--restamp",
            description =
                    "Shift each recording's times so that its last one is now. Differences stay, unset times too.")
    private boolean restamp;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Override
    public Integer call() {
        if (repeat < 1) {
            throw new ParameterException(spec.commandLine(), "--repeat must be 1 or more");
        }
        Properties kafka = connections.kafkaProperties();
        LoadTarget target = new LoadTarget(
                topic,
                encoding,
                LocalModeFile.ofUser().signalOptions(connections::kafka, JobOptions.ofEnvironment(System.getenv())));
        List<LoadSource> sources = files.stream()
                .map(file -> LoadSource.of(file, format, signal, target))
                .toList();
        requireTopics(kafka, sources);

        LoadReport report = new LoadReport(sources);
        try (StopSignal stop = new StopSignal()) {
            try (Publisher publisher = new Publisher(kafka)) {
                publish(sources, publisher, report, stop);
            }
            warnOfWhatIsLeftOut(sources);
            if (stop.received()) {
                spec.commandLine().getErr().println("Stopped before the end");
            }
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                report.printJson(out);
            } else {
                report.print(out);
            }
            return stop.received() ? 1 : 0;
        }
    }

    private void publish(List<LoadSource> sources, Publisher publisher, LoadReport report, StopSignal stop) {
        long bytesToRead = repeat
                * sources.stream()
                        .mapToLong(source -> Recording.size(source.file()))
                        .sum();
        Progress progress = new Progress(spec.commandLine().getErr(), Terminal.isPresent(), bytesToRead);
        try {
            for (int i = 0; i < repeat; i++) {
                for (LoadSource source : sources) {
                    if (stop.received()) {
                        break;
                    }
                    publish(source, publisher, report, progress, stop);
                }
            }
            publisher.flush();
        } finally {
            progress.clear();
        }
    }

    private void publish(
            LoadSource source, Publisher publisher, LoadReport report, Progress progress, StopSignal stop) {
        LongUnaryOperator change = restamp ? source.shiftTo(Instant.now()) : LongUnaryOperator.identity();
        source.forEach(change, (recording, message) -> {
            byte[] record = source.encoded(recording, message);
            publisher.publish(recording, source.topic(), record);
            report.count(source, record.length, source.units(recording, message));
            progress.record(recording, record.length);
            return !stop.received();
        });
        progress.fileDone(Recording.size(source.file()));
    }

    /** A producer would create a topic that is missing, with the broker's limit of 1 MB a record. */
    private static void requireTopics(Properties kafka, List<LoadSource> sources) {
        Set<String> wanted = sources.stream().map(LoadSource::topic).collect(Collectors.toSet());
        try (KafkaCluster cluster = KafkaCluster.connect(kafka)) {
            Set<String> existing = cluster.topics(wanted).keySet();
            wanted.stream()
                    .filter(name -> !existing.contains(name))
                    .sorted()
                    .findFirst()
                    .ifPresent(name -> {
                        throw new UserFailure("Kafka has no topic " + name + ": create it, for instance with"
                                + " kafka-topics.sh --bootstrap-server "
                                + kafka.getProperty(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG) + " --create --topic "
                                + name
                                + " --partitions 4 --config max.message.bytes=" + RecordingFormat.MAX_MESSAGE_BYTES);
                    });
        }
    }

    private void warnOfWhatIsLeftOut(List<LoadSource> sources) {
        for (LoadSource source : sources) {
            if (source.leftOut() > 0) {
                spec.commandLine()
                        .getErr()
                        .println(source.file() + ": left out because of JSON: " + source.leftOut()
                                + " keys or fields that OTLP doesn't have, or payloads of NaN");
            }
        }
    }
}
