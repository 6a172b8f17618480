package io.ollyscale.functions.sink;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.ollyscale.functions.testing.Units;
import io.ollyscale.schema.otlp.RecordEncoding;
import io.ollyscale.schema.otlp.RefusalReason;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.testing.BadJson;
import io.ollyscale.schema.testing.BadRecord;
import io.ollyscale.schema.testing.NumberedRecords;
import io.ollyscale.schema.testing.OddJson;
import io.ollyscale.schema.testing.OddRecord;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.MetricsData;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A record that nobody should send, on a topic of a signal.
 *
 * @param name of what is bad about it
 * @param value null for a tombstone
 * @param stored how its only unit reads from the tables; null where nothing is stored
 * @param refusal why it is in quarantine; null where it isn't
 */
record BadInput(String name, byte[] value, OddColumns stored, RefusalReason refusal) {

    /** All of a signal and encoding; a unit has the number that the record has in the list, times two, plus one. */
    static List<BadInput> of(Signal signal, RecordEncoding encoding) {
        List<BadInput> inputs = new ArrayList<>();
        inputs.add(new BadInput("tombstone", null, null, null));
        inputs.add(new BadInput("empty record", new byte[0], null, null));
        switch (encoding) {
            case OTLP_PROTO -> addProtobuf(signal, inputs);
            case OTLP_JSON -> addJson(signal, inputs);
        }
        return inputs;
    }

    private static void addProtobuf(Signal signal, List<BadInput> inputs) {
        for (BadRecord bad : BadRecord.values()) {
            inputs.add(new BadInput(bad.name(), bad.bytes(signal), null, bad.reason()));
        }
        int kinds = OddRecord.of(signal, 0).size();
        for (int kind = 0; kind < kinds; kind++) {
            OddRecord odd = OddRecord.of(signal, number(inputs)).get(kind);
            inputs.add(new BadInput(
                    odd.kind(),
                    odd.message().toByteArray(),
                    OddColumns.of(signal, odd.kind(), table(signal, odd.message())),
                    null));
        }
        if (signal == Signal.TRACES) {
            Message span = TraceRecords.of(TraceRecords.bareSpan(number(inputs)).setName("n".repeat(11 << 20)));
            inputs.add(new BadInput(
                    "NAME_OF_11_MB",
                    span.toByteArray(),
                    new OddColumns("otel.spans_fact", "length(name)", Integer.toString(11 << 20)),
                    null));
        }
        Message unit = NumberedRecords.bare(signal, number(inputs), List.of());
        inputs.add(newer(
                "NEWER_FIELD_OF_A_UNIT",
                signal,
                Units.changed(
                        unit,
                        number -> true,
                        known ->
                                known.toBuilder().setUnknownFields(newerField()).build())));
        Message record = NumberedRecords.bare(signal, number(inputs), List.of());
        inputs.add(newer(
                "NEWER_FIELD_OF_THE_RECORD",
                signal,
                record.toBuilder().setUnknownFields(newerField()).build()));
    }

    private static void addJson(Signal signal, List<BadInput> inputs) {
        for (BadJson bad : BadJson.values()) {
            inputs.add(new BadInput(bad.name(), bad.bytes(signal), null, bad.reason()));
        }
        for (OddJson odd : OddJson.values()) {
            int number = number(inputs);
            inputs.add(new BadInput(odd.name(), odd.bytes(signal, number), OddColumns.of(signal, odd, number), null));
        }
    }

    /** The number that the next input's unit must have. */
    private static int number(List<BadInput> inputs) {
        return 2 * inputs.size() + 1;
    }

    private static BadInput newer(String name, Signal signal, Message record) {
        return new BadInput(
                name, record.toByteArray(), new OddColumns(Stack.table(signal), "1", "1"), RefusalReason.NEWER_OTLP);
    }

    private static String table(Signal signal, Message record) {
        if (record instanceof MetricsData metrics) {
            Metric metric = metrics.getResourceMetrics(0).getScopeMetrics(0).getMetrics(0);
            return switch (metric.getDataCase()) {
                case GAUGE, SUM -> "otel.number_data_points";
                case HISTOGRAM -> "otel.histogram_data_points";
                case EXPONENTIAL_HISTOGRAM -> "otel.exp_histogram_data_points";
                case SUMMARY -> "otel.summary_data_points";
                case DATA_NOT_SET -> throw new IllegalArgumentException("no point");
            };
        }
        return Stack.table(signal);
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

    @Override
    public String toString() {
        return name;
    }
}
