package io.ollyscale.jobs.savepoint;

import com.google.protobuf.Message;
import io.ollyscale.jobs.testing.NumberRange;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.testing.NumberedRecords;
import io.ollyscale.schema.testing.OtlpValues;
import io.opentelemetry.proto.logs.v1.LogsData;
import io.opentelemetry.proto.metrics.v1.MetricsData;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * A savepoint of the job together with the log directory of the broker that it read from, whose cluster and topics the
 * savepoint names by their ids. In each topic are {@link #STORED}, which the savepoint covers, and behind them one record of a
 * resource of its own, {@link #behind}, which it doesn't.
 */
final class SavepointFixture {

    /** Of every resource and operation that the generators have. */
    static final NumberRange STORED = new NumberRange(0, 400);

    /** The number behind those. */
    static final NumberRange BEHIND = new NumberRange(400, 401);

    static final Path FILE = Path.of("src", "test", "resources", "savepoints", "0.1.0", "fixture.zip");

    private static final String SAVEPOINT = "savepoint";
    private static final String KAFKA = "kafka";

    private final Path directory;

    private final Instant made;

    private SavepointFixture(Path directory, Instant made) {
        this.directory = directory;
        this.made = made;
    }

    /** A copy for one test, which may be written to. */
    static SavepointFixture unpack(Path directory) throws IOException {
        Instant made = Instant.MIN;
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(FILE))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path file = directory.resolve(entry.getName());
                Files.createDirectories(file.getParent());
                Files.copy(zip, file);
                Instant written = entry.getLastModifiedTime().toInstant();
                made = written.isAfter(made) ? written : made;
            }
        }
        return new SavepointFixture(directory, made);
    }

    /**
     * Replaces the fixture.
     *
     * @param kafkaLog of a broker that was stopped in order
     */
    static void pack(Path savepoint, Path kafkaLog) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(FILE))) {
            pack(savepoint, SAVEPOINT, zip);
            pack(kafkaLog, KAFKA, zip);
        }
    }

    private static void pack(Path directory, String name, ZipOutputStream zip) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(directory)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        for (Path file : files) {
            ZipEntry entry = new ZipEntry(name + "/" + directory.relativize(file));
            entry.setLastModifiedTime(Files.getLastModifiedTime(file));
            zip.putNextEntry(entry);
            Files.copy(file, zip);
            zip.closeEntry();
        }
    }

    /** The URI of the savepoint's directory. */
    String savepoint() {
        return directory.resolve(SAVEPOINT).toUri().toString();
    }

    Path kafkaLog() {
        return directory.resolve(KAFKA);
    }

    /** When its last file was written. */
    Instant made() {
        return made;
    }

    /** The records behind the savepoint, by signal. */
    static Map<Signal, byte[]> behind() {
        Map<Signal, byte[]> records = new EnumMap<>(Signal.class);
        for (Signal signal : Signal.values()) {
            Message record = NumberedRecords.bare(signal, BEHIND.first(), List.of());
            Resource resource = Resource.newBuilder()
                    .addAttributes(OtlpValues.attribute("service.name", serviceBehind(signal)))
                    .build();
            Message.Builder builder = record.toBuilder();
            switch (signal) {
                case TRACES ->
                    ((TracesData.Builder) builder).getResourceSpansBuilder(0).setResource(resource);
                case LOGS ->
                    ((LogsData.Builder) builder).getResourceLogsBuilder(0).setResource(resource);
                case METRICS ->
                    ((MetricsData.Builder) builder).getResourceMetricsBuilder(0).setResource(resource);
            }
            records.put(signal, builder.build().toByteArray());
        }
        return records;
    }

    /** The name of the service that only a signal's record behind the savepoint has. */
    static String serviceBehind(Signal signal) {
        return "behind-" + signal;
    }
}
