package io.ollyscale.jobs.demo;

import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Those attributes of a request that have few values: what metrics count it by. Not thread-safe. */
final class RequestAttributes {
    private static final Set<String> KEYS = Set.of(
            "http.request.method",
            "http.route",
            "http.response.status_code",
            "url.scheme",
            "network.protocol.version",
            "rpc.system",
            "rpc.service",
            "rpc.method",
            "rpc.grpc.status_code",
            "messaging.system",
            "messaging.destination.name",
            "messaging.operation.name",
            "error.type");

    private static final int WAYS_TO_END = 1 + FailureKind.values().length;

    /** By operation, and by how it ended: of that depend the values. */
    private final Map<Operation, List<List<KeyValue>>> known = new IdentityHashMap<>();

    /** @param step of a server or consumer */
    List<KeyValue> of(Step step) {
        List<List<KeyValue>> ofOperation = known.computeIfAbsent(
                step.operation(), operation -> new ArrayList<>(Collections.nCopies(WAYS_TO_END, null)));
        int end = step.isFailed() ? 1 + step.fault().kind().ordinal() : 0;
        if (ofOperation.get(end) == null) {
            ofOperation.set(end, select(step));
        }
        return ofOperation.get(end);
    }

    private static List<KeyValue> select(Step step) {
        List<KeyValue> attributes = new ArrayList<>(step.operation().prototype().getAttributesList());
        step.operation().protocol().addTo(attributes, step);
        attributes.removeIf(attribute -> !KEYS.contains(attribute.getKey()));
        return List.copyOf(attributes);
    }
}
