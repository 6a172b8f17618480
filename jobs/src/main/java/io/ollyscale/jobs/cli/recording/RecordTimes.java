package io.ollyscale.jobs.cli.recording;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.ollyscale.schema.otlp.Signal;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.LongUnaryOperator;

/**
 * Finds and replaces the times in a record's bytes. They have a fixed length, so the bytes change in place and everything
 * else stays as it was, unknown fields included. Times are Unix nanoseconds. Not for several threads.
 */
public final class RecordTimes {

    private static final VarHandle LITTLE_ENDIAN =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final Descriptor type;
    private final Map<Descriptor, Boolean> holdTimes = new HashMap<>();

    /** @param signal whose records are read */
    public RecordTimes(Signal signal) {
        this.type = signal.message().getDescriptorForType();
    }

    /**
     * Replaces each time that is set with what {@code change} makes of it. Unset is 0; nor are times beyond the year 2262
     * touched, which are no one's clock.
     *
     * @throws InvalidProtocolBufferException if the bytes are no message, as far as its times lie
     */
    public void replaceAll(byte[] record, LongUnaryOperator change) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(record);
        message(in, type, record, change);
    }

    private void message(CodedInputStream in, Descriptor message, byte[] record, LongUnaryOperator change)
            throws IOException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            FieldDescriptor field = message.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
            int wireType = WireFormat.getTagWireType(tag);
            if (field != null && wireType == WireFormat.WIRETYPE_FIXED64 && isTime(field)) {
                int position = in.getTotalBytesRead();
                long time = in.readFixed64();
                if (time > 0) {
                    LITTLE_ENDIAN.set(record, position, change.applyAsLong(time));
                }
            } else if (field != null
                    && wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED
                    && field.getType() == FieldDescriptor.Type.MESSAGE
                    && holdsTimes(field.getMessageType())) {
                int outer = in.pushLimit(in.readRawVarint32());
                message(in, field.getMessageType(), record, change);
                in.popLimit(outer);
            } else if (!in.skipField(tag)) {
                throw new InvalidProtocolBufferException("a group ends that never began");
            }
        }
    }

    private static boolean isTime(FieldDescriptor field) {
        return field.getName().endsWith("time_unix_nano");
    }

    /** Leaves out the attributes, which have no times but may be nested without end. */
    private boolean holdsTimes(Descriptor message) {
        return holdTimes.computeIfAbsent(message, m -> reachesTime(m, new HashSet<>()));
    }

    private static boolean reachesTime(Descriptor message, Set<Descriptor> seen) {
        return seen.add(message)
                && message.getFields().stream()
                        .anyMatch(field -> field.getType() == FieldDescriptor.Type.MESSAGE
                                ? reachesTime(field.getMessageType(), seen)
                                : isTime(field));
    }
}
