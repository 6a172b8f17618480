package io.ollyscale.faults.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.DiscardUnknownFieldsParser;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.ollyscale.jobs.IngestOptions;
import io.ollyscale.jobs.SignalOptions;
import io.ollyscale.jobs.export.ExportFormat;
import io.ollyscale.jobs.export.ExportResult;
import io.ollyscale.jobs.export.OtlpExport;
import io.ollyscale.jobs.export.Selection;
import io.ollyscale.jobs.local.EmbeddedCluster;
import io.ollyscale.jobs.local.LocalStack;
import io.ollyscale.schema.otlp.DecodingLimits;
import io.ollyscale.schema.otlp.EncodedRecord;
import io.ollyscale.schema.otlp.RecordEncoder;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.RefusalReason;
import io.ollyscale.schema.otlp.RefusedRecordException;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.testing.RecordSet;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That mutated messages are stored or quarantined, each of them, by the real job, and hold up nothing. */
class FuzzedRecordsITCase {
    private static final String CONF = Path.of("..", "flink-conf").toString();
    private static final int MESSAGES = 3_000;
    private static final Selection EVERYTHING = new Selection(null, null, null, null, null);

    private static LocalStack stack;

    @TempDir
    private Path checkpoints;

    /** What must be stored. */
    private final Map<Signal, RecordSet> units = new EnumMap<>(Signal.class);

    /** Reasons by topic, offset and part. */
    private final Map<String, String> quarantined = new TreeMap<>();

    /** Records by topic. */
    private final Map<String, Long> sent = new TreeMap<>();

    @BeforeAll
    static void start() {
        stack = LocalStack.start(
                null,
                0,
                0,
                Stream.of(Signal.values())
                        .flatMap(signal -> Stream.of(RecordEncoding.values()).map(encoding -> topic(signal, encoding)))
                        .toList());
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void eachIsStoredOrQuarantined() throws Exception {
        send();
        for (RecordEncoding encoding : RecordEncoding.values()) {
            try (EmbeddedCluster cluster = EmbeddedCluster.start(options(encoding), checkpoints, 0, 1)) {
                await().atMost(Duration.ofMinutes(3))
                        .pollInterval(Duration.ofMillis(300))
                        .until(() -> isRead(encoding) && dimensionsAreThere());
                cluster.awaitFailure(Duration.ZERO);
            }
        }

        assertThat(unaccounted()).isEmpty();

        // So it can fail.
        execute("DELETE FROM otel.logs_fact WHERE id = (SELECT max(id) FROM otel.logs_fact)");
        assertThat(unaccounted()).hasSize(1).first().asString().startsWith("missing: ");
        execute(
                "UPDATE otel.quarantined_records SET part = 1 WHERE id = (SELECT max(id) FROM otel.quarantined_records)");
        assertThat(unaccounted()).hasSize(3);
    }

    /** What is missing, and what is there beyond what must be. */
    private List<String> unaccounted() throws SQLException, IOException {
        List<String> differences = new ArrayList<>();
        for (Signal signal : Signal.values()) {
            differences.addAll(units.get(signal).difference(exported(signal)));
        }
        Map<String, String> stored =
                query("SELECT topic || '/' || record_offset || '/' || part, reason FROM otel.quarantined_records");
        Map<String, String> missing = new TreeMap<>(quarantined);
        missing.entrySet().removeAll(stored.entrySet());
        stored.entrySet().removeAll(quarantined.entrySet());
        missing.forEach((position, reason) -> differences.add("missing: " + position + " as " + reason));
        stored.forEach((position, reason) -> differences.add("extra: " + position + " as " + reason));
        return differences;
    }

    private void send() throws IOException {
        Properties properties = new Properties();
        properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, stack.bootstrapServers());
        Tally tally = new Tally();
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (byte[] bytes : FuzzTargetTest.mutations(11, MESSAGES)) {
                FuzzInput input = FuzzInput.of(bytes);
                String topic = topic(input.signal(), input.encoding());
                long offset = sent.merge(topic, 1L, Long::sum) - 1;
                tally.add(input, expect(input, topic + "/" + offset + "/0"));
                producer.send(new ProducerRecord<>(topic, 0, null, input.message()));
            }
        }
        assertThat(tally.stored()).isGreaterThan(MESSAGES / 10);
        assertThat(MESSAGES - tally.stored()).isGreaterThan(MESSAGES / 10);
    }

    /** The encoder's word; a policy has no say in what is stored or refused. */
    private Outcome expect(FuzzInput input, String position) throws IOException {
        RecordEncoder encoder = new RecordEncoder(
                input.signal(), input.encoding(), new AttributePolicy(Map.of()), DecodingLimits.DEFAULT);
        RecordSet ofSignal = units.computeIfAbsent(input.signal(), signal -> new RecordSet());
        try {
            EncodedRecord encoded = encoder.encode(input.message());
            boolean newer = encoded.unknownFields() > 0;
            if (newer) {
                quarantined.put(position, RefusalReason.NEWER_OTLP.code());
            }
            long before = ofSignal.size();
            ofSignal.add(known(RecordProperties.parsed(input)));
            assertThat(ofSignal.size() - before).isEqualTo(encoded.units());
            return new Outcome(null, encoded.units(), newer);
        } catch (RefusedRecordException e) {
            quarantined.put(position, e.reason().code());
            return new Outcome(e.reason(), 0, false);
        }
    }

    /** Without fields of a newer OTLP: a record that has some is kept, and its rows are of what is known. */
    private static Message known(Message message) throws IOException {
        return parsed(DiscardUnknownFieldsParser.wrap(message.getParserForType()), message.toByteArray());
    }

    /** Values are nested deeper than the library lets pass unasked. */
    private static <M extends Message> M parsed(Parser<M> parser, byte[] bytes) throws IOException {
        CodedInputStream input = CodedInputStream.newInstance(bytes);
        input.setRecursionLimit(Integer.MAX_VALUE);
        return parser.parseFrom(input);
    }

    private boolean isRead(RecordEncoding encoding) throws SQLException {
        Map<String, String> ledger = query("SELECT topic, next_offset FROM otel.ingest_ledger WHERE next_offset > 0");
        return Stream.of(Signal.values())
                .map(signal -> topic(signal, encoding))
                .allMatch(topic -> String.valueOf(sent.get(topic)).equals(ledger.get(topic)));
    }

    /** Facts come first: their dimensions follow within a second. */
    private static boolean dimensionsAreThere() throws SQLException, IOException {
        for (Signal signal : Signal.values()) {
            if (export(signal, new ByteArrayOutputStream()).notWhole() > 0) {
                return false;
            }
        }
        return true;
    }

    private static RecordSet exported(Signal signal) throws SQLException, IOException {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        export(signal, frames);
        RecordSet records = new RecordSet();
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(frames.toByteArray()));
        while (in.available() > 0) {
            records.add(parsed(signal.message().getParserForType(), in.readNBytes(in.readInt())));
        }
        return records;
    }

    private static ExportResult export(Signal signal, ByteArrayOutputStream out) throws SQLException, IOException {
        try (Connection connection = stack.connect()) {
            return new OtlpExport(signal, ExportFormat.PROTO, out, (units, first, last) -> true)
                    .run(connection, EVERYTHING);
        }
    }

    private static Configuration options(RecordEncoding encoding) {
        Configuration options = GlobalConfiguration.loadConfiguration(CONF);
        options.set(IngestOptions.POLICY_DIRECTORY, CONF);
        options.set(IngestOptions.POSTGRES_URL, stack.postgresUri());
        options.set(IngestOptions.KAFKA, stack.bootstrapServers());
        // A restart would hide what failed.
        options.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        for (Signal signal : Signal.values()) {
            options.set(SignalOptions.of(signal).topic(), topic(signal, encoding));
            options.set(SignalOptions.of(signal).encoding(), encoding);
        }
        return options;
    }

    private static String topic(Signal signal, RecordEncoding encoding) {
        return signal + "-" + encoding;
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = stack.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** A query of two columns, as a map from the first to the second. */
    private static Map<String, String> query(String sql) throws SQLException {
        Map<String, String> rows = new TreeMap<>();
        try (Connection connection = stack.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                rows.put(result.getString(1), result.getString(2));
            }
        }
        return rows;
    }
}
