package io.ollyscale.jobs.cli.recording;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Empty;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.ollyscale.schema.otlp.Signal;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/** Counts a record's spans, log records or data points on the wire, without making objects of them. */
public final class UnitCount {

    private static final Set<Descriptor> UNITS = Set.of(
            Span.getDescriptor(),
            LogRecord.getDescriptor(),
            NumberDataPoint.getDescriptor(),
            HistogramDataPoint.getDescriptor(),
            ExponentialHistogramDataPoint.getDescriptor(),
            SummaryDataPoint.getDescriptor());

    /** The messages that units lie in. */
    private static final Set<Descriptor> HOLDERS = new HashSet<>();

    static {
        for (Signal signal : Signal.values()) {
            addHolders(signal.message().getDescriptorForType(), new HashSet<>());
        }
    }

    private UnitCount() {}

    /** @throws InvalidProtocolBufferException if the record is broken, as far as its units lie */
    public static long of(byte[] record, Signal signal) throws IOException {
        return count(CodedInputStream.newInstance(record), signal.message().getDescriptorForType());
    }

    /** What a signal's units are called, for people. */
    public static String name(Signal signal, boolean plural) {
        String one = switch (signal) {
            case TRACES -> "span";
            case LOGS -> "log record";
            case METRICS -> "data point";
        };
        return plural ? one + "s" : one;
    }

    private static long count(CodedInputStream in, Descriptor message) throws IOException {
        long units = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            Descriptor nested = nested(message.findFieldByNumber(WireFormat.getTagFieldNumber(tag)), tag);
            if (HOLDERS.contains(nested)) {
                int outer = in.pushLimit(in.readRawVarint32());
                units += count(in, nested);
                in.popLimit(outer);
                continue;
            }
            units += UNITS.contains(nested) ? 1 : 0;
            if (!in.skipField(tag)) {
                throw new InvalidProtocolBufferException("a group ends that never began");
            }
        }
        return units;
    }

    /** @return {@code Empty} where the field holds no message */
    private static Descriptor nested(FieldDescriptor field, int tag) {
        return field != null
                        && field.getType() == FieldDescriptor.Type.MESSAGE
                        && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED
                ? field.getMessageType()
                : Empty.getDescriptor();
    }

    /** @return whether there is a unit in it */
    private static boolean addHolders(Descriptor message, Set<Descriptor> outer) {
        if (!outer.add(message)) {
            return false;
        }
        boolean holds = false;
        for (FieldDescriptor field : message.getFields()) {
            if (field.getType() == FieldDescriptor.Type.MESSAGE) {
                holds |= UNITS.contains(field.getMessageType()) || addHolders(field.getMessageType(), outer);
            }
        }
        if (holds) {
            HOLDERS.add(message);
        }
        return holds;
    }
}
