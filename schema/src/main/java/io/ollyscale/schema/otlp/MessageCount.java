package io.ollyscale.schema.otlp;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts the messages and unknown fields of a record on the wire, before any object is made for them: each costs its
 * sender as little as two bytes.
 */
final class MessageCount {

    /** A record of this size can't hold more messages than any limit allows: two bytes each. */
    private static final int BYTES_OF_A_MESSAGE = 2;

    private static final Map<Descriptor, Fields> FIELDS = new ConcurrentHashMap<>();

    /** A message type's fields by number: whether there is one, and its type where it is a message. */
    private record Fields(boolean[] known, Descriptor[] messages) {

        static Fields of(Descriptor type) {
            int highest = type.getFields().stream()
                    .mapToInt(FieldDescriptor::getNumber)
                    .max()
                    .orElse(0);
            Fields fields = new Fields(new boolean[highest + 1], new Descriptor[highest + 1]);
            for (FieldDescriptor field : type.getFields()) {
                fields.known[field.getNumber()] = true;
                if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                    fields.messages[field.getNumber()] = field.getMessageType();
                }
            }
            return fields;
        }

        boolean knows(int number) {
            return number < known.length && known[number];
        }
    }

    private final int limit;
    private int count;

    private MessageCount(int limit) {
        this.limit = limit;
    }

    /** Refuses a record of too many messages. One that is broken is left to the parser. */
    static void check(byte[] record, Descriptor type, DecodingLimits limits) throws RefusedRecordException {
        if (record.length / BYTES_OF_A_MESSAGE <= limits.messages()) {
            return;
        }
        MessageCount messages = new MessageCount(limits.messages());
        try {
            messages.walk(CodedInputStream.newInstance(record), type, limits.messageDepth());
        } catch (InvalidProtocolBufferException e) {
            return;
        } catch (IOException e) {
            throw new IllegalStateException("reading from an array fails in no other way", e);
        }
        if (messages.count > messages.limit) {
            throw new RefusedRecordException(
                    RefusalReason.TOO_LARGE,
                    "it holds more than " + limits.messages() + " messages and unknown fields");
        }
    }

    private void walk(CodedInputStream input, Descriptor type, int depth) throws IOException {
        Fields fields = FIELDS.computeIfAbsent(type, Fields::of);
        for (int tag = input.readTag(); tag != 0 && count <= limit; tag = input.readTag()) {
            int number = WireFormat.getTagFieldNumber(tag);
            Descriptor message = fields.knows(number)
                            && depth > 0
                            && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED
                    ? fields.messages()[number]
                    : null;
            if (message == null) {
                count += fields.knows(number) ? 0 : 1;
                input.skipField(tag);
                continue;
            }
            count++;
            int outer = input.pushLimit(input.readRawVarint32());
            walk(input, message, depth - 1);
            if (count > limit) {
                return;
            }
            input.popLimit(outer);
        }
    }
}
