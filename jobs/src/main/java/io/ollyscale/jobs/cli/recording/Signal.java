package io.ollyscale.jobs.cli.recording;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.WireFormat;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.LogsData;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.MetricsData;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** A signal of OTLP, and by what a recording of it is told. */
public enum Signal {
    TRACES(TracesData.getDefaultInstance(), Span.getDefaultInstance(), "resourceSpans", "otlp_spans"),
    LOGS(LogsData.getDefaultInstance(), LogRecord.getDefaultInstance(), "resourceLogs", "otlp_logs"),
    METRICS(MetricsData.getDefaultInstance(), Metric.getDefaultInstance(), "resourceMetrics", "otlp_metrics");

    /** As many spans, log records or metrics are looked at. */
    private static final int SAMPLE = 100;

    /** The field of a record's envelopes, and that of theirs: the same in all signals. */
    private static final int[] PATH_TO_ITEMS = {1, 2, 2};

    private final Message data;
    private final Message item;
    private final String jsonKey;
    private final String topic;

    Signal(Message data, Message item, String jsonKey, String topic) {
        this.data = data;
        this.item = item;
        this.jsonKey = jsonKey;
        this.topic = topic;
    }

    /** The default instance of a record's message. */
    public Message data() {
        return data;
    }

    /** The topic that the Collector's Kafka exporter writes to when it isn't told another one. */
    public String topic() {
        return topic;
    }

    /** As people write it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Guesses the signal of a record.
     *
     * @return empty where it holds nothing that tells, or what fits several or none
     * @throws IOException if it is broken
     */
    public static Optional<Signal> guess(byte[] record, RecordingFormat format) throws IOException {
        return format == RecordingFormat.JSON ? ofJson(record) : ofProtobuf(record);
    }

    private static Optional<Signal> ofJson(byte[] document) throws IOException {
        try (JsonParser parser = new JsonFactory().createParser(document)) {
            parser.nextToken();
            for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
                for (Signal signal : values()) {
                    if (signal.jsonKey.equals(key)) {
                        return Optional.of(signal);
                    }
                }
                parser.nextToken();
                parser.skipChildren();
            }
            return Optional.empty();
        }
    }

    private static Optional<Signal> ofProtobuf(byte[] record) throws IOException {
        List<byte[]> items = new ArrayList<>();
        collectItems(CodedInputStream.newInstance(record), 0, items);
        List<Signal> fitting = Stream.of(values())
                .filter(signal -> items.stream().allMatch(signal::fits))
                .toList();
        return fitting.size() == 1 ? Optional.of(fitting.get(0)) : Optional.empty();
    }

    private static void collectItems(CodedInputStream in, int level, List<byte[]> items) throws IOException {
        for (int tag = in.readTag(); tag != 0 && items.size() < SAMPLE; tag = in.readTag()) {
            boolean onPath = WireFormat.getTagFieldNumber(tag) == PATH_TO_ITEMS[level]
                    && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
            if (!onPath) {
                in.skipField(tag);
                continue;
            }
            byte[] nested = in.readByteArray();
            if (level == PATH_TO_ITEMS.length - 1) {
                items.add(nested);
            } else {
                collectItems(CodedInputStream.newInstance(nested), level + 1, items);
            }
        }
    }

    /** A field of another type than the signal's is an unknown field to the parser. */
    private boolean fits(byte[] bytes) {
        try {
            Message parsed = item.newBuilderForType().mergeFrom(bytes).build();
            return parsed.getUnknownFields().asMap().isEmpty();
        } catch (InvalidProtocolBufferException e) {
            return false;
        }
    }
}
