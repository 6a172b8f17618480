package io.ollyscale.schema.otlp;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.WireFormat;
import io.ollyscale.schema.copy.MemoryBudget;
import io.ollyscale.schema.json.OtlpJson;
import io.ollyscale.schema.json.OtlpJsonException;
import io.ollyscale.schema.policy.AttributePolicy;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.function.Predicate;

/**
 * Records of one signal in one encoding: a {@code …Data} message, or the {@code Export…ServiceRequest} of the same shape.
 * Immutable, so it may be shared between threads.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/otlp/">OTLP</a>
 */
public final class RecordEncoder implements Serializable {
    private static final long serialVersionUID = 1;

    /** The only field of a record's message, in every signal: a list of what resources have produced. */
    private static final int ENVELOPES = 1;

    private static final int ENVELOPE_TAG = ENVELOPES << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;

    private final Signal signal;
    private final RecordEncoding encoding;
    private final AttributePolicy policy;
    private final DecodingLimits limits;

    /** Has tables of the names that it has met; made when it is first needed, by whichever thread. */
    private transient OtlpJson json;

    public RecordEncoder(Signal signal, RecordEncoding encoding, AttributePolicy policy, DecodingLimits limits) {
        this.signal = signal;
        this.encoding = encoding;
        this.policy = policy;
        this.limits = limits;
    }

    /** The same under another attribute policy. */
    public RecordEncoder under(AttributePolicy other) {
        return new RecordEncoder(signal, encoding, other, limits);
    }

    public AttributePolicy policy() {
        return policy;
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
        return switch (signal) {
            case TRACES -> encode(record, new SpanRows(policy, known, limits));
            case LOGS -> encode(record, new LogRows(policy, known, limits));
            case METRICS -> encode(record, new MetricRows(policy, known, limits));
        };
    }

    private <E extends Message> EncodedRecord encode(byte[] record, SignalRows<E> rows) throws RefusedRecordException {
        try {
            switch (encoding) {
                case OTLP_PROTO -> addProtobuf(record, rows);
                case OTLP_JSON -> addJson(record, rows);
            }
            return rows.finish();
        } catch (MemoryBudget.ExhaustedException e) {
            throw new RefusedRecordException(RefusalReason.TOO_LARGE, e.getMessage());
        }
    }

    private <E extends Message> void addProtobuf(byte[] record, SignalRows<E> rows) throws RefusedRecordException {
        MessageCount.check(record, signal.message().getDescriptorForType(), limits);
        CodedInputStream input = CodedInputStream.newInstance(record);
        input.setRecursionLimit(limits.messageDepth());
        try {
            // One envelope at a time: the messages of a large record would be ten times its size.
            for (int tag = input.readTag(); tag != 0; tag = input.readTag()) {
                if (tag == ENVELOPE_TAG) {
                    rows.add(input.readMessage(rows.parser(), ExtensionRegistryLite.getEmptyRegistry()));
                } else if (WireFormat.getTagFieldNumber(tag) == ENVELOPES) {
                    throw new RefusedRecordException(
                            RefusalReason.WRONG_SIGNAL, signal.jsonKey() + " has another wire type: not " + signal);
                } else if (input.skipField(tag)) {
                    rows.unknown().add(1);
                } else {
                    throw new RefusedRecordException(RefusalReason.INVALID_PROTOBUF, "ends a group that never began");
                }
            }
            if (rows.holdsNothingButUnknownFields()) {
                // Numbers that only another signal has: it would pass for a newer OTLP of this one.
                Signal other = OtherSignals.find(signal, record, limits);
                if (other != null) {
                    throw wrongSignal(other);
                }
            }
        } catch (InvalidProtocolBufferException e) {
            throw refusal(e, record);
        } catch (IOException e) {
            throw new IllegalStateException("reading from an array fails in no other way", e);
        }
    }

    private <E extends Message> void addJson(byte[] record, SignalRows<E> rows) throws RefusedRecordException {
        OtlpJson.Document<Message> document;
        try {
            document = json().parse(record, signal.message());
        } catch (OtlpJsonException e) {
            throw new RefusedRecordException(reason(e), e.getMessage());
        }
        rows.unknown().add(document.unknownKeys());
        Message message = document.message();
        @SuppressWarnings("unchecked") // the field's list is of the signal's envelopes
        List<E> envelopes =
                (List<E>) message.getField(message.getDescriptorForType().findFieldByNumber(ENVELOPES));
        for (E envelope : envelopes) {
            rows.add(envelope);
        }
    }

    private OtlpJson json() {
        OtlpJson made = json;
        if (made == null) {
            made = new OtlpJson(
                    limits.messageDepth(), limits.messages(), limits.rowBytes() / MessageCount.BYTES_OF_A_NUMBER);
            json = made;
        }
        return made;
    }

    private RefusedRecordException refusal(InvalidProtocolBufferException e, byte[] record) {
        RefusalReason reason = reason(e);
        Signal other = reason == RefusalReason.NESTED_TOO_DEEPLY ? null : OtherSignals.find(signal, record, limits);
        return other == null ? new RefusedRecordException(reason, e.getMessage()) : wrongSignal(other);
    }

    private RefusedRecordException wrongSignal(Signal other) {
        return new RefusedRecordException(
                RefusalReason.WRONG_SIGNAL, "it can be read as " + other + ", and not as " + signal);
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

    private static RefusalReason reason(OtlpJsonException e) {
        return switch (e.reason()) {
            case NESTING -> RefusalReason.NESTED_TOO_DEEPLY;
            case INVALID_UTF8 -> RefusalReason.INVALID_UTF8;
            case OTHER_SIGNAL -> RefusalReason.WRONG_SIGNAL;
            case TOO_MANY -> RefusalReason.TOO_LARGE;
            case MALFORMED, TRAILING_INPUT, DUPLICATE, INVALID_ID, INVALID_VALUE -> RefusalReason.INVALID_JSON;
        };
    }
}
