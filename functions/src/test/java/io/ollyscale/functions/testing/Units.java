package io.ollyscale.functions.testing;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;

/** Changes the units of records that {@link io.ollyscale.schema.testing.NumberedRecords} generates: spans, log records, data points. */
public final class Units {

    /** The fields of all signals that lead from a record to its units. */
    private static final Set<String> ENVELOPES = Set.of(
            "resource_spans",
            "scope_spans",
            "resource_logs",
            "scope_logs",
            "resource_metrics",
            "scope_metrics",
            "metrics",
            "gauge",
            "sum",
            "histogram",
            "exponential_histogram",
            "summary");

    private static final Set<String> UNITS = Set.of("spans", "log_records", "data_points");

    private Units() {}

    /** With those of these numbers changed. */
    public static Message changed(Message record, IntPredicate numbers, UnaryOperator<Message> change) {
        return mapped(record, unit -> Optional.of(numbers.test(number(unit)) ? change.apply(unit) : unit))
                .orElseThrow();
    }

    /** Without those of these numbers, and without the envelopes that they leave empty. */
    public static Message without(Message record, IntPredicate numbers) {
        return mapped(record, unit -> numbers.test(number(unit)) ? Optional.empty() : Optional.of(unit))
                .orElse(record.getDefaultInstanceForType());
    }

    /** The numbers of a record's units, in their order. */
    public static List<Long> numbers(Message record) {
        List<Long> numbers = new ArrayList<>();
        mapped(record, unit -> {
            numbers.add((long) number(unit));
            return Optional.of(unit);
        });
        return numbers;
    }

    /** A unit with another value of a field. */
    public static Message with(Message unit, String field, Object value) {
        return unit.toBuilder()
                .setField(unit.getDescriptorForType().findFieldByName(field), value)
                .build();
    }

    private static int number(Message unit) {
        if (unit instanceof Span span) {
            return number(span.getAttributesList());
        } else if (unit instanceof LogRecord log) {
            return number(log.getAttributesList());
        } else if (unit instanceof NumberDataPoint point) {
            return (int) (point.hasAsInt() ? point.getAsInt() : point.getAsDouble());
        } else if (unit instanceof HistogramDataPoint point) {
            return (int) point.getCount();
        } else if (unit instanceof ExponentialHistogramDataPoint point) {
            return (int) point.getCount();
        } else if (unit instanceof SummaryDataPoint point) {
            return (int) point.getCount();
        }
        throw new IllegalArgumentException("no unit: " + unit.getDescriptorForType());
    }

    private static int number(List<KeyValue> attributes) {
        return (int) attributes.stream()
                .filter(attribute -> attribute.getKey().equals(TraceRecords.NUMBER))
                .findFirst()
                .orElseThrow()
                .getValue()
                .getIntValue();
    }

    /** Empty where nothing is left. */
    private static Optional<Message> mapped(Message envelope, Function<Message, Optional<Message>> mapping) {
        Message.Builder mapped = envelope.toBuilder();
        boolean holdsUnits = false;
        for (FieldDescriptor field : envelope.getAllFields().keySet()) {
            boolean isUnit = UNITS.contains(field.getName());
            if (!isUnit && !ENVELOPES.contains(field.getName())) {
                continue;
            }
            List<?> messages =
                    field.isRepeated() ? (List<?>) envelope.getField(field) : List.of(envelope.getField(field));
            mapped.clearField(field);
            for (Object message : messages) {
                Optional<Message> part = isUnit ? mapping.apply((Message) message) : mapped((Message) message, mapping);
                if (part.isPresent()) {
                    holdsUnits = true;
                    if (field.isRepeated()) {
                        mapped.addRepeatedField(field, part.get());
                    } else {
                        mapped.setField(field, part.get());
                    }
                }
            }
        }
        return holdsUnits ? Optional.of(mapped.build()) : Optional.empty();
    }
}
