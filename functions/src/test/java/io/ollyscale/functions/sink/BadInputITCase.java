package io.ollyscale.functions.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.ollyscale.functions.flatten.Flatten;
import io.ollyscale.functions.flatten.RowBatch;
import io.ollyscale.functions.source.RawRecord;
import io.ollyscale.functions.source.RawRecordDeserializer;
import io.ollyscale.schema.testing.BadRecord;
import io.ollyscale.schema.testing.OddSpan;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each bad input on its way from a topic into the tables, between two good records. All of them come through one partition,
 * one after the other.
 */
@ExtendWith(Servers.class)
class BadInputITCase {
    /** The spans before, at and after the bad input, one record each. */
    private static final int BEFORE = 0;

    private static final int ODD = 1;
    private static final int AFTER = 2;

    private static final byte[] KEY = {0, 'k', -1};
    private static final byte[] HEADER = {-1, 0, 1};

    private static final String PROMOTED =
            "(SELECT count(*) FROM otel.span_attrs_%s WHERE parent_id = odd.id AND key_id = otel.key_id('%s', '%1$s'))";

    /** Offset of the record before the bad input. */
    private long first = -1;

    /** Makes it the stack of the whole class: no test changes the schema. */
    @BeforeAll
    static void share(Stack stack) {}

    @AfterEach
    void forget(Stack stack) throws Exception {
        stack.deleteFacts();
    }

    static Stream<Arguments> oddSpans() {
        return Stream.of(
                odd(
                        OddSpan.NUL_IN_NAME,
                        "name, attributes_other",
                        "a␀b|{\"$fields\": {\"name\": {\"$string\": \"YQBi\"}}}"),
                odd(OddSpan.NUL_IN_KEY, "attributes_other", "{\"$keys\": [[{\"$string\": \"YQBi\"}, \"value\"]]}"),
                odd(OddSpan.NUL_IN_VALUE, "attributes_other", "{\"test.nul\": {\"$string\": \"YQBi\"}}"),
                odd(
                        OddSpan.ATTRIBUTE_OF_1_MB,
                        "length(attributes_other->>'http.route'), " + PROMOTED.formatted("string", "http.route"),
                        "1048576|0"),
                odd(OddSpan.IDS_OF_3_BYTES, "trace_id, span_id, parent_span_id", "\\x000000|\\x000000|\\x000000"),
                odd(OddSpan.IDS_OF_32_BYTES, "length(trace_id), length(span_id), length(parent_span_id)", "32|32|32"),
                odd(OddSpan.NO_IDS, "trace_id, span_id, parent_span_id", "null|null|null"),
                odd(OddSpan.UNKNOWN_ENUMS, "kind, status_code, status_message", "99|-7|unheard of"),
                odd(OddSpan.END_BEFORE_START, "duration_ns", "-1"),
                odd(
                        OddSpan.TIMES_OF_0,
                        "start_timestamp, start_nanos_fraction, duration_ns, "
                                + "(SELECT concat_ws('|', e.name, e.timestamp, e.nanos_fraction)"
                                + " FROM otel.span_events AS e WHERE e.parent_id = odd.id)",
                        "null|null|0|no time"),
                odd(
                        OddSpan.LATEST_TIMES,
                        "start_timestamp AT TIME ZONE 'UTC', start_nanos_fraction, duration_ns, "
                                + "(SELECT concat_ws('|', e.timestamp AT TIME ZONE 'UTC', e.nanos_fraction)"
                                + " FROM otel.span_events AS e WHERE e.parent_id = odd.id)",
                        "2554-07-21 23:34:33.709551|615|0|2554-07-21 23:34:33.709551|615"),
                odd(
                        OddSpan.KEY_TWICE,
                        "attributes_other, " + PROMOTED.formatted("string", "http.route"),
                        "{\"http.route\": {\"$list\": [\"first\", 2]}}|0"),
                odd(
                        OddSpan.NAN,
                        "attributes_other, " + bitsOf("test.ratio"),
                        "{\"test.nan\": {\"$double\": \"fff800000000beef\"}}|\\x7ff800000000beef"),
                odd(
                        OddSpan.NEGATIVE_ZERO,
                        "attributes_other, " + bitsOf("test.ratio"),
                        "{\"test.zero\": {\"$double\": \"8000000000000000\"}}|\\x8000000000000000"),
                odd(OddSpan.NESTED_100_DEEP, "attributes_other->>'test.nested'", nestedJson(100)),
                odd(
                        OddSpan.UNSIGNED_COUNTS,
                        "otel.u32(flags), otel.u32(dropped_attributes_count), otel.u32(dropped_events_count),"
                                + " otel.u32(dropped_links_count)",
                        "4294967295|4294967294|4294967293|2147483648"),
                argumentSet(
                        "name of 11 MB",
                        TraceRecords.bareSpan(ODD).setName("n".repeat(11 << 20)),
                        "length(name)",
                        Integer.toString(11 << 20)));
    }

    @ParameterizedTest
    @MethodSource("oddSpans")
    void storesOddSpan(Span.Builder span, String columns, String expected, Stack stack) throws Exception {
        store(stack, TraceRecords.of(span).toByteArray());

        stack.assertStoresFirst(3);
        assertThat(odd(stack, columns)).isEqualTo(expected);
        assertThat(stack.query("SELECT * FROM otel.quarantine")).isEmpty();
        assertNeighboursAreWhole(stack);
    }

    @ParameterizedTest
    @EnumSource
    void quarantinesBadRecord(BadRecord bad, Stack stack) throws Exception {
        byte[] value = bad.bytes();
        store(stack, value);

        assertThat(stack.numbers()).containsExactly((long) BEFORE, (long) AFTER);
        assertQuarantined(stack, value, bad.reason().code());
        assertNeighboursAreWhole(stack);
    }

    static Stream<Arguments> emptyValues() {
        return Stream.of(argumentSet("tombstone", (Object) null), argumentSet("empty record", (Object) new byte[0]));
    }

    @ParameterizedTest
    @MethodSource("emptyValues")
    void acceptsRecordThatHoldsNothing(byte[] value, Stack stack) throws Exception {
        store(stack, value);

        assertThat(stack.numbers()).containsExactly((long) BEFORE, (long) AFTER);
        assertThat(stack.query("SELECT * FROM otel.quarantine")).isEmpty();
        assertNeighboursAreWhole(stack);
    }

    static Stream<Arguments> newerFields() {
        return Stream.of(
                argumentSet(
                        "span",
                        TraceRecords.of(TraceRecords.span(ODD).setUnknownFields(newerField()))
                                .toByteArray()),
                argumentSet(
                        "top level",
                        TraceRecords.numbered(ODD, 1).toBuilder()
                                .setUnknownFields(newerField())
                                .build()
                                .toByteArray()));
    }

    @ParameterizedTest
    @MethodSource("newerFields")
    void storesRecordOfNewerOtlpAndKeepsItsBytes(byte[] value, Stack stack) throws Exception {
        store(stack, value);

        stack.assertStoresFirst(3);
        assertQuarantined(stack, value, "newer-otlp");
        assertNeighboursAreWhole(stack);
    }

    // What is done with a record

    private void store(Stack stack, byte[] value) throws Exception {
        publish(
                stack,
                TraceRecords.numbered(BEFORE, 1).toByteArray(),
                value,
                TraceRecords.numbered(AFTER, 1).toByteArray());
        List<RawRecord> records = read(stack, 3);
        List<RowBatch> batches = flatten(stack, records);
        stack.writer().open().store(batches.toArray(RowBatch[]::new));
    }

    private void publish(Stack stack, byte[]... values) throws Exception {
        Properties properties = stack.kafka();
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 16 << 20);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (byte[] value : values) {
                ProducerRecord<byte[], byte[]> record =
                        new ProducerRecord<>(stack.topic(), 0, Stack.RECORD_MILLIS, KEY, value);
                record.headers().add("b", HEADER).add("a\0", null);
                long offset = producer.send(record).get().offset();
                first = first < 0 ? offset : first;
            }
        }
    }

    private List<RawRecord> read(Stack stack, int count) {
        List<RawRecord> records = new ArrayList<>();
        RawRecordDeserializer deserializer = new RawRecordDeserializer();
        Properties properties = stack.kafka();
        // Closing waits for a fetch under way.
        properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 10);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition(stack.topic(), 0);
            consumer.assign(List.of(partition));
            consumer.seek(partition, first);
            while (records.size() < count) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(10))) {
                    deserializer.deserialize(record, new ListCollector<>(records));
                }
            }
        }
        return records;
    }

    private static List<RowBatch> flatten(Stack stack, List<RawRecord> records) throws Exception {
        OneInputStreamOperatorTestHarness<RawRecord, RowBatch> harness = new OneInputStreamOperatorTestHarness<>(
                new Flatten(stack.encoder(), Flatten.NewerOtlp.KEEP_RECORD, Duration.ofMinutes(10), 1_000));
        harness.open();
        for (RawRecord record : records) {
            harness.processElement(new StreamRecord<>(record));
        }
        harness.close();
        return harness.extractOutputValues();
    }

    // What is expected of the tables

    private void assertNeighboursAreWhole(Stack stack) throws Exception {
        for (int number : List.of(BEFORE, AFTER)) {
            Span span = TraceRecords.span(number).build();
            assertThat(stack.value(span(number) + " SELECT name, kind, duration_ns, encode(span_id, 'hex'),"
                            + " (SELECT count(*) FROM otel.span_attrs_unified AS a WHERE a.parent_id = odd.id),"
                            + " (SELECT count(*) FROM otel.span_events AS e WHERE e.parent_id = odd.id),"
                            + " (SELECT count(*) FROM otel.span_links AS l WHERE l.parent_id = odd.id) FROM odd"))
                    .isEqualTo(String.join(
                            "|",
                            span.getName(),
                            Integer.toString(span.getKindValue()),
                            Long.toString(TraceRecords.durationNanos(number)),
                            String.format(
                                    "%016x",
                                    span.getSpanId().asReadOnlyByteBuffer().getLong()),
                            Integer.toString(span.getAttributesCount()),
                            Integer.toString(span.getEventsCount()),
                            Integer.toString(span.getLinksCount())));
        }
        assertThat(stack.nextOffset()).isEqualTo(Long.toString(first + 3));
    }

    private void assertQuarantined(Stack stack, byte[] value, String reason) throws Exception {
        assertThat(stack.value("SELECT signal, topic, partition_id, record_offset, part, reason, headers, record_key,"
                        + " extract(epoch FROM record_timestamp)::bigint * 1000 FROM otel.quarantined_records"))
                .isEqualTo(String.join(
                        "|",
                        "traces",
                        stack.topic(),
                        "0|" + (first + 1) + "|0",
                        reason,
                        "[{\"key\": \"b\", \"value\": \"/wAB\"}, {\"key\": \"a␀\", \"value\": null, \"key_base64\": \"YQA=\"}]",
                        "\\x006bff",
                        Long.toString(Stack.RECORD_MILLIS)));
        assertThat(stack.value("SELECT topic_id FROM otel.quarantined_records"))
                .isEqualTo(stack.value("SELECT topic_id FROM otel.ingest_ledger"));
        assertThat(stack.bytes("SELECT payload FROM otel.quarantined_records")).isEqualTo(value);
    }

    private static String odd(Stack stack, String columns) throws Exception {
        return stack.value(span(ODD) + " SELECT " + columns + " FROM odd");
    }

    private static String span(int number) {
        return "WITH odd AS (SELECT * FROM otel.spans_fact WHERE id = (SELECT parent_id FROM otel.span_attrs_int"
                + " WHERE key_id = otel.key_id('" + TraceRecords.NUMBER + "', 'int') AND value = " + number + "))";
    }

    private static Arguments odd(OddSpan kind, String columns, String expected) {
        return argumentSet(kind.name().toLowerCase(Locale.ROOT).replace('_', ' '), kind.span(ODD), columns, expected);
    }

    private static String bitsOf(String doubleKey) {
        return "(SELECT float8send(value) FROM otel.span_attrs_double WHERE parent_id = odd.id AND key_id = otel.key_id('"
                + doubleKey + "', 'double'))";
    }

    private static String nestedJson(int levels) {
        String json = "\"core\"";
        for (int level = 0; level < levels; level++) {
            json = level % 2 == 0 ? "[" + json + "]" : "{\"k\": " + json + "}";
        }
        return json;
    }

    private static UnknownFieldSet newerField() {
        return UnknownFieldSet.newBuilder()
                .addField(
                        9_999,
                        UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(ByteString.copyFrom("from the future", StandardCharsets.UTF_8))
                                .build())
                .build();
    }
}
