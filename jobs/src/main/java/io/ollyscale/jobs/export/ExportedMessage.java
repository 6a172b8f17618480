package io.ollyscale.jobs.export;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.ollyscale.schema.otlp.Signal;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A message in the making: units by resource, scope and metric, each in the order in which it came first. The fields of
 * envelopes have the same numbers in all signals.
 */
final class ExportedMessage {

    private static final int MOST_UNITS = 1_000;

    /** Well below the 1 MB that a topic takes by default. */
    private static final int MOST_BYTES = 512 << 10;

    /** The list of a record's envelopes; that of a metric's points. */
    private static final int ELEMENTS = 1;

    /** An envelope's resource or scope, what it holds, and its schema URL. */
    private static final int OWNER = 1;

    private static final int CONTENT = 2;
    private static final int SCHEMA_URL = 3;

    private final Signal signal;
    private final Map<Long, Node> resources = new LinkedHashMap<>();
    private int units;
    private long bytes;

    ExportedMessage(Signal signal) {
        this.signal = signal;
    }

    int units() {
        return units;
    }

    /** A unit that is larger than a message should be has one of its own. */
    boolean hasRoomFor(Unit unit) {
        return units == 0 || (units < MOST_UNITS && bytes + unit.message().getSerializedSize() <= MOST_BYTES);
    }

    void add(Unit unit) {
        Node node = inner(inner(resources, unit.resource()).inner, unit.scope());
        if (unit.metric() != null) {
            node = inner(node.inner, unit.metric());
        }
        node.units.add(unit.message());
        units++;
        bytes += unit.message().getSerializedSize();
    }

    Message build() {
        Message.Builder data = signal.message().newBuilderForType();
        FieldDescriptor envelopes = field(data, ELEMENTS);
        for (Node resource : resources.values()) {
            Message.Builder ofResource = builder(data, envelopes, resource);
            FieldDescriptor scopes = field(ofResource, CONTENT);
            for (Node scope : resource.inner.values()) {
                Message.Builder ofScope = builder(ofResource, scopes, scope);
                FieldDescriptor content = field(ofScope, CONTENT);
                scope.units.forEach(unit -> ofScope.addRepeatedField(content, unit));
                scope.inner.values().forEach(metric -> ofScope.addRepeatedField(content, metric(metric)));
                ofResource.addRepeatedField(scopes, ofScope.build());
            }
            data.addRepeatedField(envelopes, ofResource.build());
        }
        return data.build();
    }

    private Node inner(Map<Long, Node> nodes, Envelope envelope) {
        return nodes.computeIfAbsent(envelope.id(), id -> {
            bytes += envelope.size();
            return new Node(envelope);
        });
    }

    private static Message.Builder builder(Message.Builder outer, FieldDescriptor field, Node node) {
        Message.Builder builder = outer.newBuilderForField(field);
        if (node.envelope.message() != null) {
            builder.setField(field(builder, OWNER), node.envelope.message());
        }
        return builder.setField(field(builder, SCHEMA_URL), node.envelope.schemaUrl());
    }

    private static Message metric(Node node) {
        Metric.Builder metric = ((Metric) node.envelope.message()).toBuilder();
        Message.Builder data = metric.getFieldBuilder(metric.getOneofFieldDescriptor(
                Metric.getDescriptor().getOneofs().get(0)));
        FieldDescriptor points = field(data, ELEMENTS);
        node.units.forEach(point -> data.addRepeatedField(points, point));
        return metric.build();
    }

    private static FieldDescriptor field(Message.Builder builder, int number) {
        return builder.getDescriptorForType().findFieldByNumber(number);
    }

    private static final class Node {
        private final Envelope envelope;
        private final Map<Long, Node> inner = new LinkedHashMap<>();
        private final List<Message> units = new ArrayList<>();

        Node(Envelope envelope) {
            this.envelope = envelope;
        }
    }
}
