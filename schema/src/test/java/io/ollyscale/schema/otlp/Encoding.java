package io.ollyscale.schema.otlp;

import io.ollyscale.schema.policy.AttributePolicy;
import io.ollyscale.schema.policy.PromotedKey;
import io.ollyscale.schema.testing.EncodedRows;
import io.ollyscale.schema.testing.TestPolicy;
import io.ollyscale.schema.testing.TraceRecords;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.util.List;
import java.util.function.Predicate;

/** Encodes records for tests, with the test policy and the default limits. */
final class Encoding {
    private static final AttributePolicy POLICY = TestPolicy.POLICY.registered(1, Encoding::keyId);
    private static final RecordEncoder ENCODER =
            new RecordEncoder(Signal.TRACES, RecordEncoding.OTLP_PROTO, POLICY, DecodingLimits.DEFAULT);

    private Encoding() {}

    static EncodedRecord encode(byte[] record) throws RefusedRecordException {
        return ENCODER.encode(record);
    }

    static EncodedRecord encode(byte[] record, Predicate<String> known) throws RefusedRecordException {
        return ENCODER.encode(record, known);
    }

    static EncodedRecord encode(TracesData record) throws RefusedRecordException {
        return ENCODER.encode(record.toByteArray());
    }

    static EncodedRows rows(TracesData record) throws RefusedRecordException {
        return new EncodedRows(encode(record));
    }

    /** Of a span that has these attributes alone. */
    static EncodedRecord encode(KeyValue... attributes) throws RefusedRecordException {
        return encode(
                TraceRecords.of(TraceRecords.bareSpan(1).clearAttributes().addAllAttributes(List.of(attributes))));
    }

    /** The described dimensions of a kind, in their order. */
    static List<Dimension> dimensions(DimensionKind kind, EncodedRecord record) {
        return record.dimensions().stream()
                .filter(dimension -> dimension.kind() == kind)
                .toList();
    }

    static int keyId(String key) {
        return key.hashCode();
    }

    private static int keyId(PromotedKey key) {
        return keyId(key.key());
    }
}
