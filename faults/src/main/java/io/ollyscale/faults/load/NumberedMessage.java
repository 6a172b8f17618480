package io.ollyscale.faults.load;

import com.google.protobuf.Message;
import io.ollyscale.functions.testing.Findings;
import io.ollyscale.functions.testing.Units;
import io.ollyscale.schema.otlp.Signal;
import io.ollyscale.schema.testing.NumberedRecords;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogsData;
import io.opentelemetry.proto.metrics.v1.MetricsData;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Stream;

/**
 * A record of numbered units, made from its first number alone.
 *
 * @param first number of its first unit
 */
record NumberedMessage(Signal signal, int first, Flaw flaw) {
    static final int UNITS = 20;

    /** Each so many units have instances of services of their own, so that new dimensions keep coming. */
    private static final int UNITS_OF_INSTANCES = 500;

    /** Of the unit that PostgreSQL refuses, in its record. */
    private static final int REFUSED_UNIT = 7;

    private static final int REFUSED_NAME_BYTES = 4_000;

    /** What is wrong with a record. */
    enum Flaw {
        NONE,
        /** Its last byte is missing, so that it can't be decoded. */
        CUT_OFF,
        /** A span of it has a name that the index on names can't hold. Of traces alone. */
        REFUSED_UNIT
    }

    /** The {@code service.instance.id} of a unit's resource. */
    static String instance(int number) {
        return Findings.instance(number) + "-" + number / UNITS_OF_INSTANCES;
    }

    int refusedUnit() {
        return first + REFUSED_UNIT;
    }

    /** As it is published. */
    byte[] bytes() {
        return switch (flaw) {
            case NONE -> encoded(message());
            case CUT_OFF -> {
                byte[] whole = encoded(message());
                yield Arrays.copyOf(whole, whole.length - 1);
            }
            case REFUSED_UNIT ->
                encoded(Units.changed(
                        message(),
                        number -> number == refusedUnit(),
                        span -> Units.with(span, "name", tooLongForAnIndex())));
        };
    }

    /** What of it must be in the tables; empty of one that is cut off. */
    Stream<byte[]> stored() {
        return switch (flaw) {
            case NONE -> Stream.of(bytes());
            case CUT_OFF -> Stream.empty();
            case REFUSED_UNIT -> Stream.of(encoded(Units.without(message(), number -> number == refusedUnit())));
        };
    }

    private byte[] encoded(Message message) {
        return NumberedRecords.encoded(message, NumberedEncoding.of(signal));
    }

    private Message message() {
        Message.Builder message = NumberedRecords.numbered(signal, first, UNITS).toBuilder();
        resources(message)
                .flatMap(resource -> resource.getAttributesBuilderList().stream())
                .filter(attribute -> attribute.getKey().equals("service.instance.id"))
                .forEach(this::setInstance);
        return message.build();
    }

    private void setInstance(KeyValue.Builder attribute) {
        attribute.getValueBuilder().setStringValue(instance(first));
    }

    private static Stream<Resource.Builder> resources(Message.Builder message) {
        if (message instanceof TracesData.Builder traces) {
            return traces.getResourceSpansBuilderList().stream().map(spans -> spans.getResourceBuilder());
        } else if (message instanceof LogsData.Builder logs) {
            return logs.getResourceLogsBuilderList().stream().map(records -> records.getResourceBuilder());
        } else if (message instanceof MetricsData.Builder metrics) {
            return metrics.getResourceMetricsBuilderList().stream().map(points -> points.getResourceBuilder());
        }
        throw new IllegalArgumentException("no record of a signal: " + message.getDescriptorForType());
    }

    /** Near-random, because PostgreSQL compresses what it can before it refuses it. */
    private String tooLongForAnIndex() {
        byte[] bytes = new byte[REFUSED_NAME_BYTES];
        new Random(first).nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
