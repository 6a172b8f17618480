package io.ollyscale.schema.testing;

import io.ollyscale.schema.policy.AttributeContext;
import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.policy.ContextPolicy;
import io.ollyscale.schema.policy.DroppedKeys;
import io.ollyscale.schema.policy.PromotedKey;
import io.ollyscale.schema.policy.ValueType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A policy for the generated records: promotes some of their attributes of each type, leaves others to the catch-all, and drops
 * {@code drop.this}. Its keys aren't registered: their ids are 0.
 */
public final class TestPolicy {

    /** Promotes a key of each type in each context. */
    public static final AttributePolicy POLICY = new AttributePolicy(Map.of(
            AttributeContext.RESOURCE,
            context(
                    string("service.name"),
                    string("resource.string"),
                    key("resource.int", ValueType.INT),
                    key("resource.double", ValueType.DOUBLE),
                    key("resource.bool", ValueType.BOOL),
                    key("resource.bytes", ValueType.BYTES)),
            AttributeContext.SCOPE,
            context(
                    string("scope.string"),
                    key("test.scope", ValueType.INT),
                    key("scope.double", ValueType.DOUBLE),
                    key("scope.bool", ValueType.BOOL),
                    key("scope.bytes", ValueType.BYTES)),
            AttributeContext.SPAN,
            context(
                    string("http.request.method"),
                    string("http.route"),
                    new PromotedKey("url.path", ValueType.STRING, false, 0),
                    string("test.mixed"),
                    key(TraceRecords.NUMBER, ValueType.INT),
                    key("http.response.status_code", ValueType.INT),
                    key("test.ratio", ValueType.DOUBLE),
                    key("test.sampled", ValueType.BOOL),
                    key("test.digest", ValueType.BYTES)),
            AttributeContext.EVENT,
            context(
                    string("exception.type"),
                    key("test.attempt", ValueType.INT),
                    key("event.double", ValueType.DOUBLE),
                    key("event.bool", ValueType.BOOL),
                    key("event.bytes", ValueType.BYTES)),
            AttributeContext.LINK,
            context(
                    string("messaging.operation.type"),
                    key("test.partition", ValueType.INT),
                    key("link.double", ValueType.DOUBLE),
                    key("link.bool", ValueType.BOOL),
                    key("link.bytes", ValueType.BYTES)),
            AttributeContext.LOG,
            context(
                    string("http.request.method"),
                    string("http.route"),
                    string("log.string"),
                    string("test.mixed"),
                    key(TraceRecords.NUMBER, ValueType.INT),
                    key("test.ratio", ValueType.DOUBLE),
                    key("test.sampled", ValueType.BOOL),
                    key("test.digest", ValueType.BYTES)),
            AttributeContext.METRIC,
            context(
                    string("http.route"),
                    key(MetricRecords.SHARD, ValueType.INT),
                    key("test.ratio", ValueType.DOUBLE),
                    key("point.double", ValueType.DOUBLE),
                    key("point.bool", ValueType.BOOL),
                    key("point.bytes", ValueType.BYTES)),
            AttributeContext.EXEMPLAR,
            context(
                    new PromotedKey("url.path", ValueType.STRING, false, 0),
                    key(TraceRecords.NUMBER, ValueType.INT),
                    key("exemplar.double", ValueType.DOUBLE),
                    key("exemplar.bool", ValueType.BOOL),
                    key("exemplar.bytes", ValueType.BYTES))));

    private TestPolicy() {}

    private static ContextPolicy context(PromotedKey... promoted) {
        return new ContextPolicy(
                Arrays.stream(promoted).collect(Collectors.toMap(PromotedKey::key, Function.identity())),
                DroppedKeys.of(List.of("drop.this")));
    }

    private static PromotedKey string(String key) {
        return key(key, ValueType.STRING);
    }

    private static PromotedKey key(String key, ValueType type) {
        return new PromotedKey(key, type, true, 0);
    }
}
