package io.ollyscale.schema.otlp;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.ollyscale.schema.copy.MemoryBudget;
import io.ollyscale.schema.policy.AttributePolicy;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.TracesData;
import java.io.IOException;
import java.io.Serializable;
import java.util.function.Predicate;

/**
 * Traces as {@code otlp_proto}: one record is a {@code TracesData} message (or the {@code ExportTraceServiceRequest} of the
 * same shape). Immutable, so it may be shared between threads.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/otlp/">OTLP</a>
 */
public final class TracesEncoder implements Serializable {
    private static final long serialVersionUID = 1;

    private static final int RESOURCE_SPANS_TAG =
            TracesData.RESOURCE_SPANS_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;

    private final AttributePolicy policy;
    private final DecodingLimits limits;

    public TracesEncoder(AttributePolicy policy, DecodingLimits limits) {
        this.policy = policy;
        this.limits = limits;
    }

    /** Of the attribute policy that rows and dimensions are made by. */
    public long policyVersion() {
        return policy.version();
    }

    /** Decodes a record, encodes its rows and describes all of its dimensions. */
    public EncodedRecord encode(byte[] record) throws RefusedRecordException {
        return encode(record, hash -> false);
    }

    /**
     * Decodes a record and encodes its rows.
     *
     * @param record the message; holding nothing is valid
     * @param known whether the dimension of a hash (64 hex digits) needn't be described
     * @throws RefusedRecordException if it can't be stored as what it is
     */
    public EncodedRecord encode(byte[] record, Predicate<String> known) throws RefusedRecordException {
        MessageCount.check(record, TracesData.getDescriptor(), limits);
        SpanRows rows = new SpanRows(policy, known, limits);
        CodedInputStream input = CodedInputStream.newInstance(record);
        input.setRecursionLimit(limits.messageDepth());
        try {
            // One ResourceSpans at a time: the messages of a large record would be ten times its size.
            for (int tag = input.readTag(); tag != 0; tag = input.readTag()) {
                if (tag == RESOURCE_SPANS_TAG) {
                    rows.add(input.readMessage(ResourceSpans.parser(), ExtensionRegistryLite.getEmptyRegistry()));
                } else if (WireFormat.getTagFieldNumber(tag) == TracesData.RESOURCE_SPANS_FIELD_NUMBER) {
                    throw new RefusedRecordException(
                            RefusalReason.WRONG_SIGNAL, "resource_spans has another wire type: not traces");
                } else if (input.skipField(tag)) {
                    rows.unknown().add();
                } else {
                    throw new RefusedRecordException(RefusalReason.INVALID_PROTOBUF, "ends a group that never began");
                }
            }
            return rows.finish();
        } catch (MemoryBudget.ExhaustedException e) {
            throw new RefusedRecordException(RefusalReason.TOO_LARGE, e.getMessage());
        } catch (InvalidProtocolBufferException e) {
            throw refusal(e, record);
        } catch (IOException e) {
            throw new IllegalStateException("reading from an array fails in no other way", e);
        }
    }

    private RefusedRecordException refusal(InvalidProtocolBufferException e, byte[] record) {
        RefusalReason reason = reason(e);
        String signal = reason == RefusalReason.NESTED_TOO_DEEPLY ? null : OtherSignals.nameOf(record, limits);
        return signal == null
                ? new RefusedRecordException(reason, e.getMessage())
                : new RefusedRecordException(RefusalReason.WRONG_SIGNAL, "a " + signal + " message: not traces");
    }

    /** The library tells its errors apart by their texts alone; a test holds those. */
    private static RefusalReason reason(InvalidProtocolBufferException e) {
        String message = String.valueOf(e.getMessage());
        if (message.contains("UTF-8")) {
            return RefusalReason.INVALID_UTF8;
        }
        if (message.contains("nesting")) {
            return RefusalReason.NESTED_TOO_DEEPLY;
        }
        return RefusalReason.INVALID_PROTOBUF;
    }
}
